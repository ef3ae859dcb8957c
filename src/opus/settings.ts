import { checkInteger, checkMethods, checkOptions, describe } from '../core/checks.ts';
import { badArgument } from './errors.ts';
import { BANDWIDTHS } from './layout.ts';

/** Audio bandwidth: up to 4, 6, 8, 12 or 20 kHz (RFC 6716 section 2, table 1). */
export type Bandwidth = 'narrowband' | 'mediumband' | 'wideband' | 'superwideband' | 'fullband';

/** Sampling rate of PCM in Hz. */
export type SampleRate = 8000 | 12000 | 16000 | 24000 | 48000;

/** Channels of PCM; two are interleaved, left first. */
export type ChannelCount = 1 | 2;

/** Duration of one packet in milliseconds. */
export type FrameMs = 2.5 | 5 | 10 | 20 | 40 | 60 | 80 | 100 | 120;

/**
 * What an encoder is for: `voip` favours intelligible speech, `audio` fidelity, `low-delay` leaves out
 * the speech mode and has 2.5 ms of lookahead instead of 6.5 ms.
 */
export type Application = 'voip' | 'audio' | 'low-delay';

/**
 * How the size of packets varies: `vbr` follows the signal, `constrained-vbr` too, but keeps the
 * average over a short time, `cbr` gives every packet the same size.
 */
export type RateControl = 'vbr' | 'constrained-vbr' | 'cbr';

/** Everything that may change between two frames. */
export type EncoderSettings = {
  /** Duration of a packet in ms. Default 20. */
  frameMs: FrameMs;
  /** Bits per second, 6000 to 510,000; `max` fills `maxPacketBytes`. Default `auto`. */
  bitrate: number | 'auto' | 'max';
  /** Default `constrained-vbr`. */
  rateControl: RateControl;
  /** 0 (fastest) to 10 (best). Default 10. */
  complexity: number;
  /** Bandwidth to use. Default `auto`. */
  bandwidth: Bandwidth | 'auto';
  /** Highest bandwidth that `auto` may choose. Default `fullband`. */
  maxBandwidth: Bandwidth;
  /** What the signal is. Default `auto`. */
  signal: 'auto' | 'voice' | 'music';
  /** In-band forward error correction (LBRR): needs `expectedLossPercent` above 0. Default false. */
  fec: boolean;
  /** 0 to 100; the more, the more robust the coding and the more bits FEC gets. Default 0. */
  expectedLossPercent: number;
  /** Discontinuous transmission: packets of 1 or 2 bytes in silence. Default false. */
  dtx: boolean;
  /** Channels to code whatever the input has. Default `auto`. */
  forceChannels: ChannelCount | 'auto';
  /** Bits of precision of the input, 8 to 24. Default 24. */
  lsbDepth: number;
  /** Makes packets independent of one another, at a cost in quality. Default false. */
  predictionDisabled: boolean;
  /** No phase inversion in intensity stereo: better when stereo is mixed down to mono. Default false. */
  phaseInversionDisabled: boolean;
  /** Longest packet in bytes, 32 to 7650. Default `auto`: 1275 for every begun 20 ms. */
  maxPacketBytes: number | 'auto';
};

/** What stays for the life of an encoder. */
export type EncoderFormat = {
  /** Rate of the PCM in Hz. Default 48000. */
  readonly sampleRate: SampleRate;
  /** Default 1. */
  readonly channels: ChannelCount;
  /** Default `voip`. */
  readonly application: Application;
};

/** What may change between two packets of a decoder. */
export type DecoderSettings = {
  /** Gain applied to the output in dB, -128 to 127.99. Default 0. */
  gain: number;
  /** No phase inversion in intensity stereo. Default: true for mono output, false for stereo. */
  phaseInversionDisabled: boolean;
};

/** What stays for the life of a decoder. */
export type DecoderFormat = {
  /** Rate of the PCM in Hz, whatever the rate of the encoder's input. Default 48000. */
  readonly sampleRate: SampleRate;
  /** Default 1. */
  readonly channels: ChannelCount;
};

/** Shortest limit for packets, in bytes. */
const MIN_PACKET_LIMIT = 32;
/** Six frames of 20 ms. */
const MAX_PACKET_LIMIT = 6 * 1275;

type Check = (name: string, value: unknown) => void;

function oneOf(allowed: readonly unknown[]): Check {
  return (name, value) => {
    if (!allowed.includes(value)) {
      const got = typeof value === 'object' ? describe(value) : String(value);
      throw badArgument(`"${name}" expected ${allowed.join(', ')}, got ${got}`);
    }
  };
}

function integer(min: number, max: number, ...others: readonly string[]): Check {
  return (name, value) => {
    if (!others.includes(value as string)) checkInteger(name, value, min, max, badArgument);
  };
}

const boolean: Check = (name, value) => {
  if (typeof value !== 'boolean')
    throw badArgument(`"${name}" expected boolean, got ${describe(value)}`);
};

const decibels: Check = (name, value) => {
  if (typeof value !== 'number' || !(value >= -128 && value < 128)) {
    const got = typeof value === 'number' ? String(value) : describe(value);
    throw badArgument(`"${name}" expected -128 to 127.99 dB, got ${got}`);
  }
};

const sampleRate = oneOf([8000, 12000, 16000, 24000, 48000]);
const channels = oneOf([1, 2]);

const ENCODER_SETTINGS: Readonly<Record<keyof EncoderSettings, Check>> = {
  frameMs: oneOf([2.5, 5, 10, 20, 40, 60, 80, 100, 120]),
  bitrate: integer(6000, 510_000, 'auto', 'max'),
  rateControl: oneOf(['vbr', 'constrained-vbr', 'cbr']),
  complexity: integer(0, 10),
  bandwidth: oneOf([...BANDWIDTHS, 'auto']),
  maxBandwidth: oneOf(BANDWIDTHS),
  signal: oneOf(['auto', 'voice', 'music']),
  fec: boolean,
  expectedLossPercent: integer(0, 100),
  dtx: boolean,
  forceChannels: oneOf([1, 2, 'auto']),
  lsbDepth: integer(8, 24),
  predictionDisabled: boolean,
  phaseInversionDisabled: boolean,
  maxPacketBytes: integer(MIN_PACKET_LIMIT, MAX_PACKET_LIMIT, 'auto'),
};

const ENCODER_FORMAT: Readonly<Record<keyof EncoderFormat, Check>> = {
  sampleRate,
  channels,
  application: oneOf(['voip', 'audio', 'low-delay']),
};

const DECODER_SETTINGS: Readonly<Record<keyof DecoderSettings, Check>> = {
  gain: decibels,
  phaseInversionDisabled: boolean,
};

const DECODER_FORMAT: Readonly<Record<keyof DecoderFormat, Check>> = { sampleRate, channels };

/** Fills `target` with the checked values of `options`; an `undefined` value counts as absent. */
function check<T extends object>(
  options: unknown,
  checks: Readonly<Record<string, Check>>,
  target: T,
  others: readonly string[] = [],
): T {
  checkOptions(options, [...Object.keys(checks), ...others], badArgument);
  const { engine } = options as { engine?: unknown };
  if (engine !== undefined) {
    checkMethods('engine', engine, ['createEncoder', 'createDecoder'], badArgument);
  }
  for (const [name, test] of Object.entries(checks)) {
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) continue;
    test(name, value);
    (target as Record<string, unknown>)[name] = value;
  }
  return target;
}

/** All settings of an encoder, from options that may hold more than settings. @internal */
export function encoderOptions(options: object): EncoderFormat & EncoderSettings {
  const defaults: EncoderFormat & EncoderSettings = {
    sampleRate: 48000,
    channels: 1,
    application: 'voip',
    frameMs: 20,
    bitrate: 'auto',
    rateControl: 'constrained-vbr',
    complexity: 10,
    bandwidth: 'auto',
    maxBandwidth: 'fullband',
    signal: 'auto',
    fec: false,
    expectedLossPercent: 0,
    dtx: false,
    forceChannels: 'auto',
    lsbDepth: 24,
    predictionDisabled: false,
    phaseInversionDisabled: false,
    maxPacketBytes: 'auto',
  };
  const all = check(options, { ...ENCODER_FORMAT, ...ENCODER_SETTINGS }, defaults, ['engine']);
  checkForcedChannels(all.forceChannels, all.channels);
  return all;
}

/** Changes of encoder settings, checked. @internal */
export function encoderChanges(
  changes: Partial<EncoderSettings>,
  channels: ChannelCount,
): Partial<EncoderSettings> {
  const checked: Partial<EncoderSettings> = check(changes, ENCODER_SETTINGS, {});
  checkForcedChannels(checked.forceChannels, channels);
  return checked;
}

function checkForcedChannels(
  forced: ChannelCount | 'auto' | undefined,
  channels: ChannelCount,
): void {
  if (forced === 2 && channels === 1) {
    throw badArgument('"forceChannels" expected 1 or auto for mono input, got 2');
  }
}

/** All settings of a decoder. @internal */
export function decoderOptions(options: object): DecoderFormat & DecoderSettings {
  const format: DecoderFormat = { sampleRate: 48000, channels: 1 };
  const all: Partial<DecoderSettings> & DecoderFormat = check(
    options,
    { ...DECODER_FORMAT, ...DECODER_SETTINGS },
    format,
    ['engine'],
  );
  return { gain: 0, phaseInversionDisabled: all.channels === 1, ...all };
}

/** Changes of decoder settings, checked. @internal */
export function decoderChanges(changes: Partial<DecoderSettings>): Partial<DecoderSettings> {
  return check(changes, DECODER_SETTINGS, {});
}

/** The limit in bytes that `auto` stands for. @internal */
export function packetLimit({ maxPacketBytes, frameMs }: EncoderSettings): number {
  return maxPacketBytes === 'auto' ? 1275 * Math.ceil(frameMs / 20) : maxPacketBytes;
}
