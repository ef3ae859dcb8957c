import { finalRange, tell, tellFrac } from "../range-decoder";
import {
  RangeEncoder, asDecoder, encodeBit, encodeIcdf, encodeRawBits, rangeEncoderDone, rangeEncoderShrink,
} from "../range-encoder";
import { BANDS, SPREAD_ICDF } from "../tables/celt-bands";
import { allocate } from "./allocation";
import { updateBandwidth } from "./bandwidth";
import { codeBands } from "./bands";
import { writeBoosts, writeTrim, writtenBoosts } from "./boosts-writer";
import { codebookInit } from "./codebook";
import { Writing } from "./direction";
import { FOLLOWED, measureDynamics } from "./dynamics";
import {
  CELT_ENCODER_SIZE, CeltEncoder, encodedEnergies, energyErrors, olderEnergies, previousEnergies,
} from "./encoder-state";
import { MEASURED, NOTHING, measureEnergies, normaliseBands, slotOf } from "./energy-measure";
import { RESIDUE, writeCoarseEnergy, writeFinalEnergy, writeFineEnergy } from "./energy-writer";
import { joinEnergies } from "./energy-state";
import { forwardMdct } from "./forward-mdct";
import { Frame, SPECTRUM, SPECTRUM_STRIDE, currentFrame, edge } from "./frame";
import { filteredFrame, keepSignal, takeFrame } from "./input";
import { choosePreFilter, filterInput, pitchChanged, preFilterOn, writePreFilter } from "./pre-filter";
import { settleReservoir, targetSize } from "./rate";
import { chooseResolution, fixResolution, writeResolution } from "./resolution-writer";
import { chooseSpread } from "./spread-choice";
import { chooseIntensity, chooseTrim, prefersDual } from "./stereo-choice";
import { energiesJumped, findTransient, setTimeEstimate, timeChannel, timeEstimate } from "./transient";
import { transformInit } from "./transform-tables";

export { CELT_ENCODER_SIZE, CeltEncoder } from "./encoder-state";

/** How the size of a frame is found. */
export const RATE_CONSTANT: i32 = 0;
export const RATE_VARIABLE: i32 = 1;
export const RATE_CONSTRAINED: i32 = 2;

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
  celtEncoderReset(state);
}

/** Forgets the signal; channels, phase setting and complexity stay. */
export function celtEncoderReset(state: CeltEncoder): void {
  const channels = state.channels;
  const keepPhase = state.keepPhase;
  const complexity = state.complexity;
  const depth = state.depth;
  memory.fill(changetype<usize>(state), 0, CELT_ENCODER_SIZE);
  state.channels = channels;
  state.keepPhase = keepPhase;
  state.complexity = complexity;
  state.depth = depth;
  state.signalBand = 20;
  state.delayedIntra = 1;
  state.spread = 2;
  state.spreadAverage = 256;
  for (let i: usize = 0; i < 168; i += 4) {
    store<f32>(previousEnergies(state) + i, NOTHING);
    store<f32>(olderEnergies(state) + i, NOTHING);
  }
}

/** Spectra of all channels, mixed to mono where the stream is. */
function analyse(state: CeltEncoder, frame: Frame, transient: bool, logs: usize): void {
  const bins = 120 << frame.lm;
  for (let channel = 0; channel < state.channels; channel++) {
    const x = SPECTRUM + <usize>channel * SPECTRUM_STRIDE;
    forwardMdct(filteredFrame(channel), frame.lm, transient, x);
    if (state.step > 1) {
      const bound = bins / state.step;
      memory.fill(x + (<usize>bound << 2), 0, <usize>(bins - bound) << 2);
    }
  }
  if (state.channels == 2 && frame.channels == 1) {
    const last = <usize>(120 << frame.lm) << 2;
    for (let i: usize = 0; i < last; i += 4) {
      store<f32>(SPECTRUM + i, 0.5 * (load<f32>(SPECTRUM + i) + load<f32>(SPECTRUM + SPECTRUM_STRIDE + i)));
    }
  }
  measureEnergies(frame, logs);
}

/** Energies near those of the frame before are moved a little towards what the decoder has: less to write. */
function steady(state: CeltEncoder, frame: Frame): void {
  const old = encodedEnergies(state);
  const errors = energyErrors(state);
  for (let channel = 0; channel < frame.channels; channel++) {
    for (let band = frame.start; band < frame.end; band++) {
      const slot = slotOf(channel, band);
      const x = load<f32>(MEASURED + slot);
      if (abs<f32>(x - load<f32>(old + slot)) < 2) {
        store<f32>(MEASURED + slot, x - 0.25 * load<f32>(errors + slot));
      }
    }
  }
}

/** Squared distance of the measured energies from those of the frame before. */
function energyDistance(state: CeltEncoder, frame: Frame): f32 {
  const old = encodedEnergies(state);
  let sum: f32 = 0;
  for (let channel = 0; channel < frame.channels; channel++) {
    for (let band = frame.start; band < frame.end; band++) {
      const slot = slotOf(channel, band);
      const d = load<f32>(MEASURED + slot) - load<f32>(old + slot);
      sum += d * d;
    }
  }
  return min<f32>(200, sum);
}

/** Bands that are not skipped for want of signal at a rate. */
function signalFloor(rate: i32, channels: i32): i32 {
  return rate < 32000 * channels ? 13 : rate < 48000 * channels ? 16 : rate < 60000 * channels
    ? 18
    : rate < 80000 * channels ? 19 : 20;
}

/** After a frame: energies become history. */
function keepEnergies(state: CeltEncoder, frame: Frame, silence: bool): void {
  const energy = encodedEnergies(state);
  const errors = energyErrors(state);
  const last = previousEnergies(state);
  const older = olderEnergies(state);
  for (let channel = 0; channel < 2; channel++) {
    const from = frame.channels == 1 ? 0 : channel;
    for (let band = 0; band < BANDS; band++) {
      const slot = slotOf(channel, band);
      const inside = band >= frame.start && band < frame.end;
      if (!inside) {
        store<f32>(energy + slot, 0);
        store<f32>(errors + slot, 0);
        store<f32>(last + slot, NOTHING);
        store<f32>(older + slot, NOTHING);
        continue;
      }
      const e: f32 = silence ? NOTHING : load<f32>(energy + slotOf(from, band));
      store<f32>(energy + slot, e);
      const residue = max<f32>(-0.5, min<f32>(0.5, load<f32>(RESIDUE + slotOf(from, band))));
      store<f32>(errors + slot, silence ? 0 : residue);
      if (frame.transient) {
        store<f32>(last + slot, min(load<f32>(last + slot), e));
      } else {
        store<f32>(older + slot, load<f32>(last + slot));
        store<f32>(last + slot, e);
      }
    }
  }
}

/**
 * Encodes one CELT frame, or the CELT part of a hybrid one, into `writer` (set up with as many bytes as the frame may
 * have; in hybrid frames behind SILK and the redundancy flags), ends the frame and gives its bytes.
 *
 * `pcm`: f32 interleaved, +-1, `samples` (120, 240, 480 or 960) per channel at 48 kHz. Bands `start` (0, hybrid 17) to
 * `end` (13 NB, 17 WB, 19 SWB, 21 FB). `control`: RATE_*; for RATE_CONSTANT all bytes of `writer` are used; `rate` in bit/s.
 */
export function celtEncode(
  state: CeltEncoder, writer: RangeEncoder, pcm: usize, samples: i32, streamChannels: i32, start: i32, end: i32,
  rate: i32, control: i32,
): i32 {
  const frame = currentFrame();
  const reader = asDecoder(writer);
  const lm = <i32>ctz<u32>(samples) - 3;
  const channels = streamChannels;
  const complexity = state.complexity;
  const energy = encodedEnergies(state);
  frame.reader = reader;
  frame.writer = writer;
  frame.channels = channels;
  frame.lm = lm;
  frame.start = start;
  frame.end = end;
  frame.keepPhase = state.keepPhase;
  frame.seed = state.seed;
  frame.filterPeriod = 0;
  frame.filterGain = 0;
  frame.filterTapset = 0;

  const variable = control != RATE_CONSTANT;
  let share = 0;
  if (variable) {
    share = <i32>((<i64>rate * samples * 8) / 48000);
    let most = <i32>writer.storage;
    if (control == RATE_CONSTRAINED) most = min(most, max(2, (2 * share - state.reservoir) >> 6));
    most = min(most, 1275 >> (3 - lm));
    most = max(most, (tell(reader) + 7) >> 3);
    if (most < <i32>writer.storage) rangeEncoderShrink(writer, most);
  } else {
    rate = (<i32>writer.storage * 8 * 400) >> lm;
  }
  frame.totalBits = <i32>writer.storage << 3;
  const bytes = variable ? min(<i32>writer.storage, share >> 6) : <i32>writer.storage;
  // The rate that stereo and trim go by: as if frames had 20 ms.
  const equivalent = rate - (40 * channels + 20) * ((400 >> lm) - 50);

  const peak = takeFrame(state, pcm, samples);
  const silence = peak <= 1.0 / 32768.0 && tell(reader) == 1;
  if (tell(reader) == 1) encodeBit(writer, i32(silence), 15);
  choosePreFilter(
    state, frame, samples,
    !silence && complexity >= 5 && start == 0 && bytes > 12 * channels && tell(reader) + 16 <= frame.totalBits, bytes,
  );
  if (silence) {
    filterInput(state, samples);
    keepSignal(state, samples);
    if (variable) {
      if (writer.storage > 2) rangeEncoderShrink(writer, 2);
      if (control == RATE_CONSTRAINED) settleReservoir(state, lm, 2 << 6, share, share);
    }
    frame.transient = 0;
    keepEnergies(state, frame, true);
    state.transients = 0;
    state.seed = finalRange(reader);
    rangeEncoderDone(writer);
    return <i32>writer.storage;
  }

  filterInput(state, samples);
  if (start == 0 && tell(reader) + 16 <= frame.totalBits) writePreFilter(frame);

  let transient = false;
  setTimeEstimate(0);
  if (complexity >= 1) transient = findTransient(state.channels, samples);
  if (lm == 0) transient = false;
  if (tell(reader) + 3 > frame.totalBits) transient = false;
  const codable = lm > 0 && tell(reader) + 3 <= frame.totalBits;

  let followed = false;
  if (transient && complexity >= 8) {
    analyse(state, frame, false, FOLLOWED);
    for (let channel = 0; channel < channels; channel++) {
      for (let band = 0; band < end; band++) {
        const p = FOLLOWED + slotOf(channel, band);
        store<f32>(p, load<f32>(p) + 0.5 * <f32>lm);
      }
    }
    followed = true;
  }
  frame.transient = i32(transient);
  analyse(state, frame, transient, MEASURED);
  if (codable && !transient && complexity >= 5 && start == 0 && energiesJumped(frame, energy)) {
    transient = true;
    frame.transient = 1;
    memory.copy(FOLLOWED, MEASURED, 168);
    for (let i: usize = 0; i < 168; i += 4) store<f32>(FOLLOWED + i, load<f32>(FOLLOWED + i) + 0.5 * <f32>lm);
    followed = true;
    analyse(state, frame, true, MEASURED);
    setTimeEstimate(0.2);
  }
  if (!followed) memory.copy(FOLLOWED, MEASURED, 168);
  if (codable) encodeBit(writer, frame.transient, 3);
  if (start == 0) updateBandwidth(state, frame);
  normaliseBands(frame);
  steady(state, frame);

  const constantLike = !variable || (control == RATE_CONSTRAINED && !transient);
  measureDynamics(frame, bytes, state.depth, constantLike, constantLike ? 2 * ((bytes << 6) / 3) : -1);

  if (channels == 1) joinEnergies(energy);
  const distance = energyDistance(state, frame);
  const single = complexity < 4;
  const forced = state.forceIntra != 0 ||
    (single && state.delayedIntra > <f32>(channels * (end - start) << 1) && bytes > (end - start) * channels);
  const intra = writeCoarseEnergy(frame, energy, forced, !single, bytes, 0);
  state.forceIntra = 0;
  if (intra) state.delayedIntra = distance;
  else state.delayedIntra = 0.5 * state.delayedIntra + distance;

  if (complexity >= 2 && start == 0 && bytes >= 15 * channels) {
    chooseResolution(frame, channels == 2 ? timeChannel : 0, timeEstimate, bytes);
  } else {
    fixResolution(frame, frame.transient, 0);
  }
  writeResolution(frame);

  frame.spread = 2;
  if (tell(reader) + 4 <= frame.totalBits) {
    if (complexity == 0) frame.spread = 0;
    else if (start > 0) frame.spread = transient ? 2 : 3;
    else if (!transient && complexity >= 3 && bytes >= 10 * channels) {
      frame.spread = chooseSpread(state, frame, preFilterOn(frame) && !transient);
    }
    state.spread = frame.spread;
    encodeIcdf(writer, frame.spread, SPREAD_ICDF, 5);
  }
  writeBoosts(frame);

  frame.dualStereo = 0;
  frame.intensity = end;
  if (channels == 2) {
    frame.dualStereo = i32(lm > 0 && prefersDual(frame));
    frame.intensity = chooseIntensity(state, frame, equivalent);
  }
  frame.trim = start > 0 ? 5 : chooseTrim(state, frame, equivalent, timeEstimate);
  writeTrim(frame);

  if (variable) {
    const wanted = targetSize(
      state, frame, share, equivalent, control == RATE_CONSTRAINED, timeEstimate, state.tonality, pitchChanged,
    ) + tellFrac(reader);
    // Nothing that was written so far may become unwritten by a smaller frame.
    const least = ((tellFrac(reader) + writtenBoosts + 63) >> 6) + 2;
    let size = max(least, (wanted + 32) >> 6);
    size = min(size, <i32>writer.storage);
    if (control == RATE_CONSTRAINED) {
      size += settleReservoir(state, lm, size << 6, wanted, share);
      size = min(size, <i32>writer.storage);
    }
    rangeEncoderShrink(writer, size);
    frame.totalBits = size << 3;
  }

  frame.codedBefore = state.codedBands;
  frame.signalBand = start == 0 ? max(signalFloor(rate, channels), min(end - 1, state.signalBand)) : end - 1;
  allocate<Writing>(frame);
  state.codedBands = state.codedBands > 0
    ? max(state.codedBands - 1, min(state.codedBands + 1, frame.codedBands))
    : frame.codedBands;
  writeFineEnergy(frame, energy);
  const search = complexity >= 8 && channels == 2;
  frame.searchAngles = i32(search);
  frame.resynthesise = i32(search);
  codeBands<Writing>(frame);
  if (frame.antiCollapseReserve > 0) encodeRawBits(writer, i32(state.transients < 2), 1);
  writeFinalEnergy(frame, energy);

  keepSignal(state, samples);
  keepEnergies(state, frame, false);
  state.transients = transient ? state.transients + 1 : 0;
  state.seed = finalRange(reader);
  rangeEncoderDone(writer);
  return <i32>writer.storage;
}
