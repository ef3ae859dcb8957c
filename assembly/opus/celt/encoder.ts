import { finalRange, tell, tellFrac } from "../range-decoder";
import { RangeEncoder, asDecoder, encodeBit, encodeRawBits, rangeEncoderDone, rangeEncoderShrink } from "../range-encoder";
import { allocate } from "./allocation";
import { codeBands } from "./bands";
import { updateBandwidth } from "./bandwidth";
import { chooseBlocks } from "./block-choice";
import { codebookInit } from "./codebook";
import { Writing } from "./direction";
import { measureDynamics } from "./dynamics";
import { energyDistance, keepEnergies, steadyEnergies } from "./encoder-energies";
import { CELT_ENCODER_SIZE, CeltEncoder, encodedEnergies } from "./encoder-state";
import { normaliseBands } from "./energy-measure";
import { joinEnergies } from "./energy-state";
import { writeCoarseEnergy, writeFinalEnergy, writeFineEnergy } from "./energy-writer";
import { Frame, currentFrame } from "./frame";
import { filteredFrame, keepSignal, rawFrame, takeFrame } from "./input";
import { choosePreFilter, filterInput, writePreFilter } from "./pre-filter";
import { RATE_CONSTRAINED, RATE_CONSTANT, planSize, settleReservoir, settleSize } from "./rate";
import { writeShapeChoices } from "./shape-choices";
import { transformInit } from "./transform-tables";

export { CELT_ENCODER_SIZE, CeltEncoder } from "./encoder-state";
export { RATE_CONSTANT, RATE_CONSTRAINED, RATE_VARIABLE } from "./rate";

let tablesReady: bool = false;

/** Makes an encoder for `channels` (1 or 2) at `state`, `CELT_ENCODER_SIZE` bytes, 16-byte aligned. */
export function celtEncoderInit(state: CeltEncoder, channels: i32): void {
  if (!tablesReady) {
    codebookInit();
    transformInit();
    tablesReady = true;
  }
  state.channels = channels;
  state.keepPhase = 0;
  state.complexity = 10;
  state.depth = 24;
  state.step = 1;
  state.analysis = 0;
  celtEncoderReset(state);
}

/** Shows a fresh encoder what came before its first frame: `samples` of interleaved f32 at 48 kHz. */
export function celtPrefill(state: CeltEncoder, pcm: usize, samples: i32): void {
  takeFrame(state, pcm, samples);
  for (let channel = 0; channel < state.channels; channel++) {
    memory.copy(filteredFrame(channel) + 480, rawFrame(channel), <usize>samples << 2);
  }
  keepSignal(state, samples);
}

/** Forgets the signal; channels and what the caller sets stay. */
export function celtEncoderReset(state: CeltEncoder): void {
  const channels = state.channels;
  const keepPhase = state.keepPhase;
  const complexity = state.complexity;
  const depth = state.depth;
  const step = state.step;
  const analysis = state.analysis;
  memory.fill(changetype<usize>(state), 0, CELT_ENCODER_SIZE);
  state.channels = channels;
  state.keepPhase = keepPhase;
  state.complexity = complexity;
  state.depth = depth;
  state.step = step;
  state.analysis = analysis;
  state.silkOffset = 100;
  state.signalBand = 20;
  state.delayedIntra = 1;
  state.spread = 2;
  state.spreadAverage = 256;
}

/**
 * Encodes one CELT frame, or the CELT part of a hybrid one, into `writer`, ends the frame and gives its bytes.
 *
 * `pcm`: f32 interleaved, +-1, `samples` (120, 240, 480 or 960) per channel at 48 kHz. Bands `start` (0, hybrid 17) to
 * `end` (13 NB, 17 WB, 19 SWB, 21 FB). `control`: RATE_*; `rate` in bit/s.
 *
 * `writer` is set up with as many bytes as the frame may have. At RATE_CONSTANT all of them are used and `rate` counts for
 * nothing; otherwise the frame ends where the rate says and `writer.storage` becomes its length.
 *
 * Hybrid (480 or 960 samples): `writer` holds the SILK part and, where 37 bits fit behind that, the flag of redundancy
 * with what belongs to it (section 4.5.1); bytes of a redundant frame are taken off `writer.storage` before, and the
 * caller puts them behind what this gives. `rate` is CELT's share of the rate alone, at RATE_VARIABLE or RATE_CONSTANT.
 * `state.silkVoiced` and `state.silkOffset` say what SILK made of the frame. `state.analysis` may be set for any frame.
 *
 * The final range of the frame is that of `writer`. Settings may change from frame to frame.
 */
export function celtEncode(
  state: CeltEncoder, writer: RangeEncoder, pcm: usize, samples: i32, streamChannels: i32, start: i32, end: i32,
  rate: i32, control: i32,
): i32 {
  const frame = currentFrame();
  const reader = asDecoder(writer);
  const before = tellFrac(reader);
  begin(state, frame, writer, samples, streamChannels, start, end);
  planSize(state, frame, samples, rate, control);

  const peak = takeFrame(state, pcm, samples);
  if (tell(reader) == 1) {
    // No step of 16 bits: nothing.
    const silence = peak <= 1.0 / 32768.0;
    encodeBit(writer, i32(silence), 15);
    if (silence) return endSilence(state, frame, samples);
  }
  const filterable = start == 0 && tell(reader) + 16 <= frame.totalBits;
  choosePreFilter(
    state, frame, samples,
    filterable && state.complexity >= 5 && state.forceIntra == 0 && frame.bytes > 12 * streamChannels, frame.bytes,
  );
  filterInput(state, samples);
  if (filterable) writePreFilter(frame);

  const poor = start > 0 && frame.bytes < 15 && !state.silkVoiced;
  const weakened = chooseBlocks(state, frame, samples, poor);
  writeEnergies(state, frame);
  writeShapeChoices(state, frame, poor, weakened);
  settleSize(state, frame, before);
  writeShapes(state, frame);

  keepSignal(state, samples);
  keepEnergies(state, frame, false);
  state.transients = frame.transient ? state.transients + 1 : 0;
  return finish(state, frame);
}

/** The frame's record at its start. */
function begin(
  state: CeltEncoder, frame: Frame, writer: RangeEncoder, samples: i32, channels: i32, start: i32, end: i32,
): void {
  frame.reader = asDecoder(writer);
  frame.writer = writer;
  frame.channels = channels;
  frame.lm = <i32>ctz<u32>(samples) - 3;
  frame.start = start;
  frame.end = end;
  frame.keepPhase = state.keepPhase;
  frame.seed = state.seed;
  frame.transient = 0;
  frame.filterPeriod = 0;
  frame.filterGain = 0;
  frame.filterTapset = 0;
}

// @ts-ignore: decorator
@inline function finish(state: CeltEncoder, frame: Frame): i32 {
  state.seed = finalRange(frame.reader);
  rangeEncoderDone(frame.writer);
  return <i32>frame.writer.storage;
}

/** A frame of nothing: the flag, and two bytes where the rate varies. */
function endSilence(state: CeltEncoder, frame: Frame, samples: i32): i32 {
  choosePreFilter(state, frame, samples, false, 0);
  filterInput(state, samples);
  keepSignal(state, samples);
  if (frame.control != RATE_CONSTANT) {
    if (frame.writer.storage > 2) rangeEncoderShrink(frame.writer, 2);
    if (frame.control == RATE_CONSTRAINED) settleReservoir(state, frame, 2 << 6, frame.share);
  }
  keepEnergies(state, frame, true);
  state.transients = 0;
  return finish(state, frame);
}

/** Coarse energies, after what is measured of the spectrum. */
function writeEnergies(state: CeltEncoder, frame: Frame): void {
  const complexity = state.complexity;
  const bands = frame.end - frame.start;
  if (frame.start == 0) updateBandwidth(state, frame);
  normaliseBands(frame);
  steadyEnergies(state, frame);
  // Boosts cost other bands at once where the size of the frame is given.
  const given = frame.control == RATE_CONSTANT || (frame.control == RATE_CONSTRAINED && !frame.transient);
  measureDynamics(frame, frame.bytes, state.depth, given, given ? 2 * ((frame.bytes << 6) / 3) : -1);

  const energy = encodedEnergies(state);
  if (frame.channels == 1) joinEnergies(energy);
  const distance = energyDistance(state, frame);
  const single = complexity < 4;
  const forced = state.forceIntra != 0 ||
    (single && state.delayedIntra > <f32>(frame.channels * bands << 1) && frame.bytes > bands * frame.channels);
  const intra = writeCoarseEnergy(frame, energy, forced, !single, frame.bytes, 0);
  state.forceIntra = 0;
  state.delayedIntra = intra ? distance : 0.5 * state.delayedIntra + distance;
}

/** Bands that are not skipped for want of signal at a rate. */
function signalFloor(rate: i32, channels: i32): i32 {
  return rate < 32000 * channels ? 13 : rate < 48000 * channels ? 16 : rate < 60000 * channels
    ? 18
    : rate < 80000 * channels ? 19 : 20;
}

/** Allocation, fine energies, shapes, and what is left. */
function writeShapes(state: CeltEncoder, frame: Frame): void {
  const energy = encodedEnergies(state);
  const last = frame.end - 1;
  frame.codedBefore = state.codedBands;
  frame.signalBand = frame.start > 0 ? last : max(signalFloor(frame.rate, frame.channels), min(last, state.signalBand));
  allocate<Writing>(frame);
  state.codedBands = state.codedBands > 0
    ? max(state.codedBands - 1, min(state.codedBands + 1, frame.codedBands))
    : frame.codedBands;
  writeFineEnergy(frame, energy);
  const search = state.complexity >= 8 && frame.channels == 2;
  frame.searchAngles = i32(search);
  frame.resynthesise = i32(search);
  codeBands<Writing>(frame);
  if (frame.antiCollapseReserve > 0) encodeRawBits(frame.writer, i32(state.transients < 2), 1);
  writeFinalEnergy(frame, energy);
}
