import { restoreGlobals } from './loader-globals.ts'; // must stay the first import
import { instantiateSync } from '@assemblyscript/loader';
import { decodeBase64 } from './base64.ts';
import { WasmError } from './errors.ts';
import { WasmMemory, type MemoryExports } from './memory.ts';

restoreGlobals();

/**
 * A `WebAssembly.Module`. Public types name nothing that only DOM or Node declarations know, so that
 * they compile where neither is loaded.
 */
export type CompiledModule = object;

/** What a core can be made from: the bytes of a `.wasm` file of this package, or the compiled module. */
export type WasmSource = Uint8Array | ArrayBuffer | CompiledModule;

/** An instance with its own memory. */
export type Instance<E extends MemoryExports> = {
  readonly exports: E;
  readonly memory: WasmMemory;
};

/** A module of this package that is inlined as base64 and compiled once, on first use. */
export class InlinedModule {
  readonly #base64: string;
  #compiled: WebAssembly.Module | undefined;

  constructor(base64: string) {
    this.#base64 = base64;
  }

  /** Compiles on the first call. */
  get module(): CompiledModule {
    this.#compiled ??= new WebAssembly.Module(decodeBase64(this.#base64));
    return this.#compiled;
  }
}

/**
 * Makes an instance, synchronously, in every runtime.
 * @param required names of exports that tell this module from the others of the package
 * @throws {WasmError} `bad-module` when the source is not one of our modules
 */
export function instantiate<E extends MemoryExports>(
  source: WasmSource,
  required: readonly string[],
): Instance<E> {
  let exports: E;
  try {
    // The loader's own `exports` wrap every function to pass the number of arguments on, which no
    // function of ours reads: the wrapper would cost more than a short call itself.
    exports = instantiateSync(source as WebAssembly.Module).instance.exports as unknown as E;
  } catch (cause) {
    throw new WasmError('bad-module', 'source: expected a module of this package', { cause });
  }
  for (const name of ['memory', 'allocate', 'release', ...required]) {
    if (!(name in exports)) {
      throw new WasmError('bad-module', `source: the module has no export "${name}"`);
    }
  }
  return { exports, memory: new WasmMemory(exports) };
}
