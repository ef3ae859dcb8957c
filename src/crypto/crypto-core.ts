import { base64 } from '../../build/wasm/crypto.js';
import { InlinedModule, type Instance, instantiate, type WasmSource } from '../core/load.ts';
import type { MemoryExports, WasmMemory } from '../core/memory.ts';

const inlined = new InlinedModule(base64);

/** The primitives, on one WebAssembly instance. */
export class CryptoCore {
  readonly memory: WasmMemory;

  /** @internal */
  constructor(instance: Instance<MemoryExports>) {
    this.memory = instance.memory;
  }
}

/** Makes an instance of the crypto module. */
export function createCrypto(source: WasmSource = inlined.module): CryptoCore {
  return new CryptoCore(instantiate(source, []));
}
