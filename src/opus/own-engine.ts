import { instantiate, type WasmSource } from '../core/load.ts';
import type { OpusEngine } from './engine.ts';
import { OpusError } from './errors.ts';
import type { DecoderCore, DecoderExports } from './exports.ts';
import { OwnDecoder } from './own-decoder.ts';
import { hasEncoder, OwnEncoder } from './own-encoder.ts';
import { OpusCore } from './packet.ts';
import { MAX_PACKET_BYTES } from './packet-bytes.ts';
import { sharedOpus } from './shared-core.ts';

const REQUIRED = ['opusDecoderInit', 'opusDecoderDecode', 'opusDecoderConceal'];

function open(source: WasmSource): DecoderCore {
  const instance = instantiate<DecoderExports>(source, REQUIRED);
  return { instance, packet: instance.memory.allocate(MAX_PACKET_BYTES) };
}

function coreOf(source: OpusCore | WasmSource): DecoderCore {
  return source instanceof OpusCore ? source.decoderCore : open(source);
}

/**
 * Our own codec: encodes and decodes in WebAssembly memory, results are views of it. It is what
 * `OpusEncoder` and `OpusDecoder` use when no engine is chosen.
 *
 * All encoders and decoders of one engine share one instance. A decoder takes 27 KB of state, an encoder
 * less than 80 KB, and each PCM for 120 ms at its format (46 KB at 48 kHz in stereo).
 * @param source where to work: a core of `createOpus` or `createCallCore`, in its memory; or, for an
 *   instance of its own, the bytes of `sottovoce/wasm/opus.wasm` (`call.wasm`; `opus-decoder.wasm` cannot encode) or
 *   the compiled module. Default: an instance that is shared
 * @throws {WasmError} `bad-module`
 * @example
 * import { createOpus, OpusDecoder, ownEngine } from 'sottovoce/opus';
 * const opus = createOpus();
 * const decoder = await OpusDecoder.create({ engine: ownEngine(opus) });
 */
export function ownEngine(source?: OpusCore | WasmSource): OpusEngine {
  let core = source === undefined ? undefined : coreOf(source);
  return {
    name: 'sottovoce',
    createEncoder(format, settings) {
      core ??= sharedOpus().decoderCore;
      const { instance } = core;
      if (hasEncoder(instance)) return new OwnEncoder(instance, format, settings);
      throw new OpusError('not-supported', 'opus-decoder.wasm has no encoder: take opus.wasm');
    },
    createDecoder(format, settings) {
      core ??= sharedOpus().decoderCore;
      const decoder = new OwnDecoder(core, format);
      decoder.configure(settings);
      return decoder;
    },
  };
}
