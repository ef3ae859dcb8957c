import type { EngineDecoder, EngineEncoder, OpusEngine } from './engine.ts';
import { OpusError } from './errors.ts';
import {
  type LibopusDecoderHandle,
  type LibopusEncoderHandle,
  type LibopusModule,
  translate,
} from './libopus-module.ts';
import { MergingEncoder } from './merging-encoder.ts';
import { Renewable } from './renewable.ts';
import type { DecoderSettings, EncoderFormat, EncoderSettings } from './settings.ts';

const AUTO = -1000;
const APPLICATIONS = { voip: 2048, audio: 2049, 'low-delay': 2051 } as const;
const BANDWIDTHS = {
  narrowband: 1101,
  mediumband: 1102,
  wideband: 1103,
  superwideband: 1104,
  fullband: 1105,
  auto: AUTO,
} as const;
const SIGNALS = { auto: AUTO, voice: 3001, music: 3002 } as const;

type Controls = readonly (readonly [request: number, value: number])[];

/** Control requests of libopus (opus_defines.h) for each setting. */
const ENCODER_CONTROLS: {
  readonly [K in keyof EncoderSettings]: (value: EncoderSettings[K]) => Controls;
} = {
  frameMs: () => [],
  maxPacketBytes: () => [],
  bitrate: (value) => [[4002, value === 'auto' ? AUTO : value === 'max' ? -1 : value]],
  maxBandwidth: (value) => [[4004, BANDWIDTHS[value]]],
  rateControl: (value) => [
    [4006, value === 'cbr' ? 0 : 1],
    [4020, value === 'constrained-vbr' ? 1 : 0],
  ],
  bandwidth: (value) => [[4008, BANDWIDTHS[value]]],
  complexity: (value) => [[4010, value]],
  fec: (value) => [[4012, value ? 1 : 0]],
  expectedLossPercent: (value) => [[4014, value]],
  dtx: (value) => [[4016, value ? 1 : 0]],
  forceChannels: (value) => [[4022, value === 'auto' ? AUTO : value]],
  signal: (value) => [[4024, SIGNALS[value]]],
  lsbDepth: (value) => [[4036, value]],
  predictionDisabled: (value) => [[4042, value ? 1 : 0]],
  phaseInversionDisabled: (value) => [[4046, value ? 1 : 0]],
};

const DECODER_CONTROLS: {
  readonly [K in keyof DecoderSettings]: (value: DecoderSettings[K]) => Controls;
} = {
  gain: (value) => [[4034, Math.min(32767, Math.round(value * 256))]], // Q8 dB
  phaseInversionDisabled: (value) => [[4046, value ? 1 : 0]],
};

/** The control requests for the settings named in `changes`. */
function controls<T extends object>(
  table: { readonly [K in keyof T]: (value: T[K]) => Controls },
  changes: Partial<T>,
): Controls {
  return (Object.keys(changes) as (keyof T)[]).flatMap((name) => table[name](changes[name]!));
}

function hiddenRange(): never {
  throw new OpusError('not-supported', '"finalRange" is not shown by libopus-wasm');
}

class LibopusEncoder implements EngineEncoder {
  readonly #handle: Renewable<LibopusEncoderHandle>;
  readonly #sampleRate: number;
  #settings: Readonly<EncoderSettings>;

  constructor(
    handle: Renewable<LibopusEncoderHandle>,
    { sampleRate }: EncoderFormat,
    settings: Readonly<EncoderSettings>,
  ) {
    this.#handle = handle;
    this.#sampleRate = sampleRate;
    this.#settings = settings;
    this.configure(settings, settings);
  }

  get lookahead(): number {
    return translate(() => this.#handle.current.getLookahead());
  }

  get finalRange(): number {
    return hiddenRange();
  }

  get inDtx(): boolean {
    return translate(() => this.#handle.current.getInDtx());
  }

  configure(settings: Readonly<EncoderSettings>, changes: Partial<EncoderSettings>): void {
    for (const [request, value] of controls(ENCODER_CONTROLS, changes)) {
      translate(() => this.#handle.current.encoderCtl(request, value));
    }
    this.#settings = settings;
  }

  encode(pcm: Float32Array | Int16Array, limit: number): Uint8Array {
    const handle = this.#handle.current;
    const frameSize = (this.#sampleRate * this.#settings.frameMs) / 1000;
    const options = { frameSize, maxPacketBytes: limit };
    return translate(() =>
      pcm instanceof Int16Array ? handle.encode(pcm, options) : handle.encodeFloat(pcm, options),
    );
  }

  reset(): void {
    this.#handle.renew();
    this.configure(this.#settings, this.#settings);
  }

  close(): void {
    this.#handle.close();
  }
}

class LibopusDecoder implements EngineDecoder {
  readonly #handle: Renewable<LibopusDecoderHandle>;
  #settings: Readonly<DecoderSettings>;

  constructor(handle: Renewable<LibopusDecoderHandle>, settings: Readonly<DecoderSettings>) {
    this.#handle = handle;
    this.#settings = settings;
    this.configure(settings, settings);
  }

  get finalRange(): number {
    return hiddenRange();
  }

  configure(settings: Readonly<DecoderSettings>, changes: Partial<DecoderSettings>): void {
    for (const [request, value] of controls(DECODER_CONTROLS, changes)) {
      translate(() => this.#handle.current.decoderCtl(request, value));
    }
    this.#settings = settings;
  }

  decode(packet: Uint8Array | null, samples: number, fec: boolean): Float32Array {
    const options = { decodeFec: fec, frameSize: samples };
    return translate(() => this.#handle.current.decodeFloat(packet, options));
  }

  decodeInt16(packet: Uint8Array | null, samples: number, fec: boolean): Int16Array {
    const options = { decodeFec: fec, frameSize: samples };
    return translate(() => this.#handle.current.decode(packet, options));
  }

  reset(): void {
    this.#handle.renew();
    this.configure(this.#settings, this.#settings);
  }

  close(): void {
    this.#handle.close();
  }
}

/** Makes libopus-wasm an engine. All of its encoders and decoders share one WebAssembly memory. @internal */
export function createLibopusEngine(module: LibopusModule): OpusEngine {
  return {
    name: 'libopus',
    async createEncoder(format, settings) {
      const { sampleRate, channels } = format;
      const application = APPLICATIONS[format.application];
      const handle = await Renewable.make(() =>
        module.createEncoder({ sampleRate, channels, application }),
      );
      return new MergingEncoder(new LibopusEncoder(handle, format, settings), format, settings);
    },
    async createDecoder({ sampleRate, channels }, settings) {
      const handle = await Renewable.make(() => module.createDecoder({ sampleRate, channels }));
      return new LibopusDecoder(handle, settings);
    },
  };
}
