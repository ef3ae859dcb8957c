/** What a packet will be: mode, bandwidth, channels, frames, and how it joins the one before and the one after. */
import { decideBandwidth } from "./bandwidth-decision";
import { decideChannels } from "./channel-decision";
import { EncoderSettings } from "./encoder-settings";
import { OpusEncoder, inputBandwidth, settingsOf } from "./encoder-state";
import { equivalentRate } from "./equivalent-rate";
import { decideFec } from "./fec-decision";
import { decideMode, voiceEstimate } from "./mode-decision";
import { MODE_CELT, MODE_HYBRID, MODE_SILK } from "./toc";

@unmanaged
export class Plan {
  mode: i32;
  bandwidth: i32;
  channels: i32;
  /** Internal rate of SILK, where there is SILK. */
  silkKHz: i32;
  /** Frames, and samples of each at 48 kHz. */
  frames: i32;
  frameSamples: i32;
  /** Bit/s. */
  rate: i32;
  /** Bytes of a redundant CELT frame at the beginning, and at the end; 0 for none. */
  firstBytes: i32;
  lastBytes: i32;
  /** What follows the redundancy at the end. */
  nextMode: i32;
  nextKHz: i32;
}

export const PLAN = changetype<Plan>(memory.data(64, 16));

/** Length of a frame of redundancy: 5 ms. */
// @ts-ignore: decorator
@inline export const REDUNDANT_SAMPLES: i32 = 240;

/** Internal rate of SILK for a bandwidth. */
// @ts-ignore: decorator
@inline function silkRateOf(bandwidth: i32): i32 {
  return bandwidth == 0 ? 8 : bandwidth == 1 ? 12 : 16;
}

/** Samples of a frame for packets of `samples`: SILK has 10 to 60 ms, hybrid 10 and 20, CELT 2.5 to 20. */
function frameSamplesOf(mode: i32, samples: i32): i32 {
  if (mode != MODE_SILK) return min(samples, 960);
  return samples <= 2880 ? samples : samples == 3840 ? 1920 : samples == 4800 ? 960 : 2880;
}

/** Bytes that a redundant frame gets out of frames of at most `most` bytes at `rate`; 0 when it is not worth it. */
function redundancyBytes(most: i32, rate: i32, samples: i32, channels: i32): i32 {
  const perSecond = 48000 / samples;
  const base = 40 * channels + 20;
  const wanted = (rate + base * (200 - perSecond)) * 3 / 2 / 1600;
  const room = ((8 * most - 2 * base) * 240 / (240 + 48000 / perSecond) + base) / 8;
  const bytes = min(wanted, room);
  return bytes > 4 + 8 * channels ? min(257, bytes) : 0;
}

/** Chooses mode and bandwidth anew. */
function choose(e: OpusEncoder, p: Plan, samples: i32, rate: i32, most: i32, voice: i32): void {
  const s = settingsOf(e);
  let mode = decideMode(e, equivalentRate(s, rate, p.channels, min(samples, 960), -1), p.channels, samples, most);
  const worth = equivalentRate(s, rate, p.channels, min(samples, 960), mode);
  let bandwidth = decideBandwidth(e, mode, worth, voice, most);
  bandwidth = decideFec(e, mode, bandwidth, worth);
  if (mode == MODE_SILK) {
    if (s.forceMode == MODE_SILK + 1) bandwidth = min(bandwidth, 2);
    else if (s.forceMode == MODE_HYBRID + 1) bandwidth = max(bandwidth, min(3, inputBandwidth(e)));
    if (bandwidth > 2) mode = MODE_HYBRID;
  }
  p.mode = mode;
  p.bandwidth = bandwidth;
  p.silkKHz = silkRateOf(bandwidth);
}

/**
 * Plans a packet of `samples` at 48 kHz at `rate` bit/s; a frame has at most `most` bytes for each 20 ms (or its length where that
 * is less). The stereo image of the input is narrowed on the way to mono.
 */
export function planPacket(e: OpusEncoder, samples: i32, rate: i32, bytes: i32): void {
  const p = PLAN;
  const s: EncoderSettings = settingsOf(e);
  const voice = voiceEstimate(e);
  const before = e.previousMode;
  const most = <i32>min<i64>((<i64>bytes * 384000) / samples, 1500000);
  p.rate = rate;
  p.firstBytes = 0;
  p.lastBytes = 0;
  const open = equivalentRate(s, rate, e.channels, min(samples, 960), -1);
  p.channels = decideChannels(e, samples / (48 / e.kHz), open, voice);
  choose(e, p, samples, rate, most, voice);
  if (e.bridged) keepPromise(e, p, samples);
  p.frameSamples = frameSamplesOf(p.mode, samples);
  const frameBytes = min(1275, bytes * p.frameSamples / samples);
  const leaves = before >= 0 && before != MODE_CELT && !e.bridged && !e.unbridged &&
    (p.mode == MODE_CELT || p.silkKHz != e.silkKHz);
  if (leaves && samples >= 480) {
    const wanted = p.mode;
    const kHz = p.silkKHz;
    const old = frameSamplesOf(before, samples);
    const oldBytes = min(1275, bytes * old / samples);
    p.lastBytes = redundancyBytes(oldBytes, rate, old, p.channels);
    if (p.lastBytes > 0) {
      p.nextMode = wanted;
      p.nextKHz = kHz;
      p.mode = before;
      p.bandwidth = e.bandwidth;
      p.silkKHz = e.silkKHz;
      p.frameSamples = old;
    }
  } else if (p.mode != MODE_CELT && (before == MODE_CELT || e.bridged)) {
    p.firstBytes = redundancyBytes(frameBytes, rate, p.frameSamples, p.channels);
  }
  p.frames = samples / p.frameSamples;
}

/** After redundancy at the end of a packet the next one is what was announced, whatever is wanted now. */
function keepPromise(e: OpusEncoder, p: Plan, samples: i32): void {
  if (e.nextMode == MODE_CELT || samples < 480) {
    if (p.mode != MODE_CELT && p.bandwidth == 1) p.bandwidth = 2;
    p.mode = MODE_CELT;
    return;
  }
  const bandwidth = e.nextKHz == 8 ? 0 : e.nextKHz == 12 ? 1 : max(2, p.bandwidth);
  p.bandwidth = bandwidth;
  p.mode = bandwidth > 2 ? MODE_HYBRID : MODE_SILK;
  p.silkKHz = e.nextKHz;
}
