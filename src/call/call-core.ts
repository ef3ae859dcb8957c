import { base64 } from '../../build/wasm/call.js';
import { InlinedModule, instantiate, type WasmSource } from '../core/load.ts';
import type { WasmMemory } from '../core/memory.ts';
import { CryptoCore } from '../crypto/crypto-core.ts';
import type { CryptoExports } from '../crypto/engine.ts';
import type { OpusExports } from '../opus/exports.ts';
import { OpusCore } from '../opus/packet.ts';
import { TimeScaler, type VoiceExports } from './time-scale.ts';
import type { VoiceFormat } from './voice-types.ts';

const inlined = /* @__PURE__ */ new InlinedModule(base64);
const REQUIRED = ['callPacketSeal', 'opusPacketParse', 'voiceEncodeAndSeal', 'voiceTimeScale'];

/** Crypto and Opus on one WebAssembly instance, so that both see the same memory. */
export type CallCore = {
  /** The memory that both work in. */
  readonly memory: WasmMemory;
  /** The primitives, as `createCrypto()` makes them. */
  readonly crypto: CryptoCore;
  /** Packet tools, as `createOpus()` makes them. */
  readonly opus: OpusCore;
  /** Makes what changes the duration of voice, in the same memory. */
  createTimeScaler(format: VoiceFormat): TimeScaler;
  /** Closes both and wipes their memory. Idempotent. */
  close(): void;
};

/**
 * Makes an instance of the call module, synchronously. `Call` makes one by itself; this is for those
 * who put the parts together on their own.
 * @param source bytes of `sottovoce/wasm/call.wasm`, or the compiled module; by default the inlined
 *   module, compiled on first use
 * @throws {WasmError} `bad-module`
 * @example
 * const core = createCallCore();
 * const exchange = new CallerExchange(core.crypto);
 */
export function createCallCore(source: WasmSource = inlined.module): CallCore {
  const instance = instantiate<CryptoExports & OpusExports & VoiceExports>(source, REQUIRED);
  const crypto = new CryptoCore(instance);
  const opus = new OpusCore(instance);
  return {
    memory: instance.memory,
    crypto,
    opus,
    createTimeScaler: (format) => new TimeScaler(instance.exports, instance.memory, format),
    close() {
      opus.close();
      crypto.close();
    },
  };
}
