import { instantiate, type WasmSource } from '../core/load.ts';
import { createDefaultEngine } from './default-engine.ts';
import type { OpusEngine } from './engine.ts';
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
 * Our own codec: decodes in WebAssembly memory, results are views of it. It is what `OpusDecoder` uses
 * when no engine is chosen. Encoding is still done by libopus, loaded when the first encoder is made.
 *
 * All decoders of one engine share one instance. A decoder takes 27 KB of state, and PCM for 120 ms at
 * its format (46 KB at 48 kHz in stereo).
 * @param source where to decode: a core of `createOpus` or `createCallCore`, in its memory; or, for an
 *   instance of its own, the bytes of `sottovoce/wasm/opus-decoder.wasm` (`opus.wasm`, `call.wasm`) or
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
    async createEncoder(format, settings) {
      core ??= sharedOpus().decoderCore;
      const { instance } = core;
      if (hasEncoder(instance)) return new OwnEncoder(instance, format, settings);
      const libopus = await createDefaultEngine();
      return libopus.createEncoder(format, settings);
    },
    createDecoder(format, settings) {
      core ??= sharedOpus().decoderCore;
      const decoder = new OwnDecoder(core, format);
      decoder.configure(settings);
      return decoder;
    },
  };
}
