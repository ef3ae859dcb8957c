/** The SILK part of a frame. */
import { RATE_CONSTANT } from "./celt/encoder";
import { scaledInput } from "./encoder-input";
import { OpusEncoder, settingsOf, silkOf } from "./encoder-state";
import { fecSteps } from "./fec-decision";
import { silkShare } from "./hybrid";
import { Plan } from "./packet-plan";
import { RangeEncoder } from "./range-encoder";
import { SilkControls, silkEncode, silkEncoderInit, silkPrefill } from "./silk/encoder/encoder";
import { MODE_CELT, MODE_HYBRID } from "./toc";

const CONTROLS = changetype<SilkControls>(memory.data(64, 16));

/** What a coder that starts anew is shown of the past. */
// @ts-ignore: decorator
@inline const PREFILL_MS: i32 = 10;

/** Bit/s that SILK gets in a frame of the plan. */
export function silkRate(e: OpusEncoder, p: Plan): i32 {
  const constant = settingsOf(e).control == RATE_CONSTANT;
  // The first byte of the packet comes out of the rate too.
  const rate = p.rate - 8 * 48000 / p.frameSamples;
  return p.mode == MODE_HYBRID ? silkShare(rate, p.channels, p.bandwidth, constant, e.fecOn != 0) : rate;
}

/** Bits that SILK may use of `bits` for the frame. */
function silkLimit(e: OpusEncoder, p: Plan, bits: i32, share: i32): i32 {
  if (p.mode != MODE_HYBRID) return bits;
  if (settingsOf(e).control == RATE_CONSTANT) {
    // A quarter of what CELT should have may be taken.
    const due = <i32>((<i64>share * p.frameSamples) / 48000);
    return min(bits - 40, due + max(0, bits - due) / 4);
  }
  const most = <i32>min<i64>((<i64>bits * 48000) / p.frameSamples, 1500000);
  const limit = silkShare(most, p.channels, p.bandwidth, false, e.fecOn != 0);
  return min(bits - 40, <i32>((<i64>limit * p.frameSamples) / 48000));
}

/**
 * Writes the SILK part of the frame at `at` (samples at the input rate) into `writer`, using at most about `bits`. Returns the
 * bits used, or -1 when SILK cannot do with so few.
 */
export function encodeSilkPart(e: OpusEncoder, p: Plan, writer: RangeEncoder, at: i32, bits: i32, before: i32): i32 {
  const s = settingsOf(e);
  const silk = silkOf(e);
  const c = CONTROLS;
  const ms = p.frameSamples / 48;
  c.inKHz = e.kHz;
  c.kHz = p.silkKHz;
  c.inChannels = e.channels;
  c.channels = p.channels;
  c.complexity = s.complexity;
  c.loss = s.expectedLossPercent;
  c.redundancy = fecSteps(e);
  c.independent = s.predictionDisabled;
  if (before == MODE_CELT) silkEncoderInit(silk);
  if (before == MODE_CELT || (before >= 0 && p.silkKHz != e.silkKHz)) {
    c.ms = PREFILL_MS;
    silkPrefill(silk, scaledInput(e, at - PREFILL_MS * e.kHz, PREFILL_MS * e.kHz), c);
  }
  c.ms = ms;
  c.bitRate = silkRate(e, p);
  c.maxBits = silkLimit(e, p, bits, c.bitRate);
  c.cbr = i32(s.control == RATE_CONSTANT && p.mode != MODE_HYBRID);
  const used = silkEncode(silk, writer, scaledInput(e, at, ms * e.kHz), c);
  e.silkKHz = p.silkKHz;
  return used > c.maxBits || writer.error != 0 ? -1 : used;
}
