import { instantiate, type WasmSource } from '../core/load.ts';
import type { Block } from '../core/memory.ts';
import { createDefaultEngine } from './default-engine.ts';
import type { EngineDecoder, OpusEngine } from './engine.ts';
import { OpusError } from './errors.ts';
import type { DecoderCore, DecoderExports } from './exports.ts';
import { MAX_PACKET_BYTES, putPacket } from './packet-bytes.ts';
import type { DecoderFormat, DecoderSettings } from './settings.ts';
import { OpusCore } from './packet.ts';
import { sharedOpus } from './shared-core.ts';

/** Room for 120 ms, and for the vector that the last samples end in. */
const PCM_MS = 120;
const PCM_SLACK_BYTES = 32;

/** Q8 dB, as far as 16 bits go. */
const gainQ8 = (gain: number): number => Math.min(32767, Math.round(gain * 256));

/**
 * A decoder in WebAssembly memory: one block of state, one of PCM. Both are reserved when it is made;
 * decoding allocates nothing.
 */
class OwnDecoder implements EngineDecoder {
  readonly #core: DecoderCore;
  readonly #exports: DecoderExports;
  readonly #channels: number;
  readonly #capacity: number;
  readonly #state: Block;
  readonly #pcm: Block;
  #floats: Float32Array<ArrayBuffer> | undefined;
  #ints: Int16Array<ArrayBuffer> | undefined;

  constructor(core: DecoderCore, { sampleRate, channels }: DecoderFormat) {
    const { exports, memory } = core.instance;
    this.#core = core;
    this.#exports = exports;
    this.#channels = channels;
    this.#capacity = (sampleRate * PCM_MS) / 1000;
    this.#state = memory.allocate(exports.opusDecoderSize());
    this.#pcm = memory.allocate(this.#capacity * channels * 4 + PCM_SLACK_BYTES);
    exports.opusDecoderInit(this.#state.address, sampleRate, channels);
  }

  get finalRange(): number {
    return this.#exports.opusDecoderFinalRange(this.#state.address) >>> 0;
  }

  /** Samples per channel at 48 kHz that were made up since the last reset. For tests. */
  get concealedSamples(): number {
    return this.#exports.opusDecoderConcealed(this.#state.address) >>> 0;
  }

  packetSamples(packet: Uint8Array): number {
    const length = putPacket(this.#core.packet, packet);
    return this.#exports.opusPacketSamples(this.#core.packet.address, length);
  }

  configure({ gain, phaseInversionDisabled }: Readonly<DecoderSettings>): void {
    const keepPhase = phaseInversionDisabled ? 1 : 0;
    this.#exports.opusDecoderConfigure(this.#state.address, gainQ8(gain), keepPhase);
  }

  decode(packet: Uint8Array | null, samples: number, fec: boolean): Float32Array {
    const count = this.#run(packet, samples, fec, 0) * this.#channels;
    const { bytes, address } = this.#pcm;
    if (this.#floats?.buffer !== bytes.buffer) {
      this.#floats = new Float32Array(bytes.buffer, address, this.#capacity * this.#channels);
    }
    return this.#floats.subarray(0, count);
  }

  decodeInt16(packet: Uint8Array | null, samples: number, fec: boolean): Int16Array {
    const count = this.#run(packet, samples, fec, 1) * this.#channels;
    const { bytes, address } = this.#pcm;
    if (this.#ints?.buffer !== bytes.buffer) {
      this.#ints = new Int16Array(bytes.buffer, address, this.#capacity * this.#channels);
    }
    return this.#ints.subarray(0, count);
  }

  reset(): void {
    this.#exports.opusDecoderReset(this.#state.address);
  }

  close(): void {
    this.#state.release();
    this.#pcm.release();
  }

  #run(packet: Uint8Array | null, samples: number, fec: boolean, int16: number): number {
    const exports = this.#exports;
    const state = this.#state.address;
    const pcm = this.#pcm.address;
    let result: number;
    if (packet === null) {
      result = exports.opusDecoderConceal(state, samples, pcm, int16);
    } else {
      const at = this.#core.packet.address;
      const length = putPacket(this.#core.packet, packet);
      result = fec
        ? exports.opusDecoderDecodeFec(state, at, length, samples, pcm, int16)
        : exports.opusDecoderDecode(state, at, length, pcm, this.#capacity, int16);
    }
    // The facade has checked everything.
    if (result < 0) throw new OpusError('internal', `the decoder returned ${result}`);
    return result;
  }
}

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
