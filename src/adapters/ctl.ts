// Control requests by their numbers in libopus (opus_defines.h), as the peers take them.
import { OpusError } from '../opus/errors.ts';
import { BANDWIDTHS } from '../opus/layout.ts';
import type { DecoderSettings, EncoderFormat, EncoderSettings } from '../opus/settings.ts';

const AUTO = -1000;
const MAX = -1;

/** SET_APPLICATION */
export const SET_APPLICATION = 4000;

export const APPLICATIONS: ReadonlyMap<number, EncoderFormat['application']> = new Map([
  [2048, 'voip'],
  [2049, 'audio'],
  [2051, 'low-delay'],
]);

const bandwidth = (value: number): (typeof BANDWIDTHS)[number] =>
  BANDWIDTHS[value - 1101] ?? unknown(`bandwidth ${value}`);

const ENCODER: Readonly<Record<number, (value: number) => Partial<EncoderSettings>>> = {
  4002: (value) => ({
    bitrate: value === AUTO ? 'auto' : value === MAX ? 'max' : clampRate(value),
  }),
  4004: (value) => ({ maxBandwidth: bandwidth(value) }),
  4006: (value) => ({ rateControl: value ? 'constrained-vbr' : 'cbr' }),
  4008: (value) => ({ bandwidth: value === AUTO ? 'auto' : bandwidth(value) }),
  4010: (value) => ({ complexity: value }),
  4012: (value) => ({ fec: value !== 0 }),
  4014: (value) => ({ expectedLossPercent: value }),
  4016: (value) => ({ dtx: value !== 0 }),
  4020: (value) => ({ rateControl: value ? 'constrained-vbr' : 'vbr' }),
  4022: (value) => ({ forceChannels: value === AUTO ? 'auto' : (value as 1 | 2) }),
  4024: (value) => ({ signal: value === 3001 ? 'voice' : value === 3002 ? 'music' : 'auto' }),
  4036: (value) => ({ lsbDepth: value }),
  4042: (value) => ({ predictionDisabled: value !== 0 }),
  4046: (value) => ({ phaseInversionDisabled: value !== 0 }),
};

const DECODER: Readonly<Record<number, (value: number) => Partial<DecoderSettings>>> = {
  4034: (value) => ({ gain: value / 256 }),
  4046: (value) => ({ phaseInversionDisabled: value !== 0 }),
};

/** libopus takes any bitrate and brings it into its range. */
function clampRate(value: number): number {
  return Math.max(6000, Math.min(510_000, Math.round(value)));
}

function unknown(what: string): never {
  throw new OpusError('bad-argument', `unknown ${what}`);
}

/** The settings that an encoder request means. */
export function encoderSettings(request: number, value: number): Partial<EncoderSettings> {
  return (ENCODER[request] ?? unknown(`encoder request ${request}`))(value);
}

/** The settings that a decoder request means. */
export function decoderSettings(request: number, value: number): Partial<DecoderSettings> {
  return (DECODER[request] ?? unknown(`decoder request ${request}`))(value);
}
