/** The CELT part of a frame, alone or above SILK, and CELT's fresh starts. */
import { RATE_CONSTANT, RATE_VARIABLE, celtEncode, celtEncoderReset, celtPrefill } from "./celt/encoder";
import { exp2 } from "./celt/exponential";
import { amplifiedInput, wideInput } from "./encoder-input";
import { OpusEncoder, analysisOf, celtOf, delayMs, settingsOf, silkOf } from "./encoder-state";
import { Plan } from "./packet-plan";
import { RangeEncoder } from "./range-encoder";
import { silkRate } from "./silk-part";
import { VOICED } from "./silk/state";
import { MODE_HYBRID } from "./toc";

/** First band of CELT in hybrid frames. */
// @ts-ignore: decorator
@inline const HYBRID_START: i32 = 17;
/** What CELT is shown of the past when it starts anew: the rising edge of its first frame. */
// @ts-ignore: decorator
@inline const PREFILL_SAMPLES: i32 = 120;

/** End of the bands for a bandwidth (RFC 6716, section 4.5.1.4: mediumband has those of wideband). */
// @ts-ignore: decorator
@inline export function endBand(bandwidth: i32): i32 {
  return bandwidth == 0 ? 13 : bandwidth < 3 ? 17 : bandwidth == 3 ? 19 : 21;
}

/** Takes over the settings. */
export function configureCelt(e: OpusEncoder): void {
  const s = settingsOf(e);
  const celt = celtOf(e);
  celt.complexity = s.complexity;
  celt.keepPhase = s.phaseInversionDisabled;
  celt.depth = s.lsbDepth;
  celt.step = 48 / e.kHz;
  const analysis = analysisOf(e);
  celt.analysis = analysis.valid ? changetype<usize>(analysis) : 0;
  const silk = silkOf(e);
  celt.silkVoiced = i32(silk.signalType == VOICED);
  celt.silkOffset = silk.offset;
  if (s.predictionDisabled) celt.forceIntra = 1;
}

/** Starts CELT anew for a frame whose input begins at `at` (samples at the input rate, before CELT's lag). */
export function restartCelt(e: OpusEncoder, at: i32): void {
  const celt = celtOf(e);
  celtEncoderReset(celt);
  configureCelt(e);
  const from = at - delayMs(e) * e.kHz - PREFILL_SAMPLES / (48 / e.kHz);
  celtPrefill(celt, wideInput(e, from, PREFILL_SAMPLES), PREFILL_SAMPLES);
  celt.forceIntra = 1;
}

/**
 * Writes the CELT part of the frame at `at` into `writer`, which has as many bytes as the frame may have, and ends the frame;
 * gives its bytes.
 */
export function encodeCeltPart(e: OpusEncoder, p: Plan, writer: RangeEncoder, at: i32): i32 {
  const s = settingsOf(e);
  const hybrid = p.mode == MODE_HYBRID;
  const samples = p.frameSamples;
  const constant = s.control == RATE_CONSTANT;
  // The first byte of the packet comes out of the rate too.
  let rate = constant ? p.rate : p.rate - 8 * 48000 / samples;
  if (hybrid) rate = max(500, rate - silkRate(e, p));
  const control = hybrid && !constant ? RATE_VARIABLE : s.control;
  // What is above 8 kHz is coded as little more than noise when bits are few: softer noise is less of an error.
  const gain: f32 = hybrid ? 1 - exp2(-<f32>(p.rate - 8 * 48000 / samples - silkRate(e, p)) / 1024) : 1;
  const input = amplifiedInput(e, at - delayMs(e) * e.kHz, samples, hybrid ? e.highGain : 1, gain);
  e.highGain = gain;
  const start = hybrid ? HYBRID_START : 0;
  return celtEncode(celtOf(e), writer, input, samples, p.channels, start, endBand(p.bandwidth), rate, control);
}
