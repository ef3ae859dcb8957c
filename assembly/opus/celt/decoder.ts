import { RangeDecoder, decodeRawBits, finalRange } from "../range-decoder";
import { BANDS } from "../tables/celt-bands";
import { allocate } from "./allocation";
import { antiCollapse } from "./anti-collapse";
import { codeBands } from "./bands";
import { readBoostsAndTrim } from "./boosts";
import { readCoarseEnergy } from "./coarse-energy";
import { codebookInit } from "./codebook";
import { concealFrame } from "./conceal";
import { Reading } from "./direction";
import { SILENT, distrustEnergies, fillEnergies, joinEnergies, keepEnergies } from "./energy-state";
import { readFinalEnergy, readFineEnergy } from "./fine-energy";
import { Frame, currentFrame } from "./frame";
import { readHeader, readSpread } from "./header";
import { writeOutput } from "./output";
import { readResolution } from "./resolution";
import { CELT_DECODER_SIZE, CeltDecoder, HISTORY, energies, lastEnergies, olderEnergies, signal } from "./state";
import { filterFrame, synthesise } from "./synthesis";
import { transformInit } from "./transform-tables";

export { CELT_DECODER_SIZE, CeltDecoder } from "./state";

let tablesReady: bool = false;

/** Makes a decoder for `channels` (1 or 2) output channels at `state`, `CELT_DECODER_SIZE` bytes, 16-byte aligned. */
export function celtDecoderInit(state: CeltDecoder, channels: i32): void {
  if (!tablesReady) {
    codebookInit();
    transformInit();
    tablesReady = true;
  }
  state.channels = channels;
  // RFC 8251, section 10: by default only a stereo decoder turns the phase.
  state.keepPhase = i32(channels == 1);
  celtDecoderReset(state);
}

/** Forgets everything heard; channels and the phase setting stay. */
export function celtDecoderReset(state: CeltDecoder): void {
  const channels = state.channels;
  const keepPhase = state.keepPhase;
  memory.fill(changetype<usize>(state), 0, CELT_DECODER_SIZE);
  state.channels = channels;
  state.keepPhase = keepPhase;
  state.noSignal = 1;
  fillEnergies(lastEnergies(state), SILENT);
  fillEnergies(olderEnergies(state), SILENT);
}

/** log2(samples / 120): 0 to 3 for 120, 240, 480, 960. */
// @ts-ignore: decorator
@inline export function frameLm(samples: i32): i32 {
  return <i32>ctz<u32>(samples) - 3;
}

/** Everything a frame says, down to the last bit (RFC 6716, table 56). */
function parse(state: CeltDecoder, frame: Frame): void {
  const reader = frame.reader;
  const energy = energies(state);
  if (state.lostSamples > 0) distrustEnergies(state, frame.lm);
  if (frame.channels == 1) joinEnergies(energy);
  readHeader(frame);
  if (frame.silence) return;
  readCoarseEnergy(frame, energy);
  readResolution(frame);
  readSpread(frame);
  readBoostsAndTrim(frame);
  allocate<Reading>(frame);
  readFineEnergy(frame, energy);
  codeBands<Reading>(frame);
  frame.antiCollapse = frame.antiCollapseReserve ? <i32>decodeRawBits(reader, 1) : 0;
  readFinalEnergy(frame, energy);
  if (frame.antiCollapse) antiCollapse(frame, energy, lastEnergies(state), olderEnergies(state));
}

/**
 * Decodes one CELT frame, or the CELT part of a hybrid one, from `reader` (set up on the frame; its storage without
 * redundancy; in hybrid frames behind SILK and the redundancy flags).
 *
 * `streamChannels` 1 or 2. Bands `start` (0, hybrid 17) to `end` (13 NB, 17 WB, 19 SWB, 21 FB). `samples`: 120, 240,
 * 480 or 960, at 48 kHz. `decimation`: 1, 2, 3, 4, 6 for 48, 24, 16, 12, 8 kHz. f32 at `out`, interleaved, +-1, not
 * clipped: written, or added to what is there when `accumulate`. Gives samples per channel written.
 *
 * The final range is that of `reader`. Any payload decodes: damage gives noise, never a value that is not finite.
 */
export function celtDecode(
  state: CeltDecoder, reader: RangeDecoder, streamChannels: i32, start: i32, end: i32, samples: i32,
  decimation: i32, accumulate: bool, out: usize,
): i32 {
  const frame = currentFrame();
  frame.reader = reader;
  frame.totalBits = <i32>reader.storage << 3;
  frame.channels = streamChannels;
  frame.lm = frameLm(samples);
  frame.start = start;
  frame.end = max(start + 1, min(end, BANDS));
  frame.keepPhase = state.keepPhase;
  frame.seed = state.seed;

  parse(state, frame);
  synthesise(state, frame, samples / decimation);
  filterFrame(state, frame);
  keepEnergies(state, frame);
  state.seed = finalRange(reader);
  state.losses = 0;
  state.lostSamples = 0;
  state.noSignal = 0;
  state.heard = 1;
  emit(state, samples, decimation, accumulate, out);
  return samples / decimation;
}

/**
 * Lets the signal run out: 2.5 ms of silence, through which the tail of the last frame sounds. Wanted where hybrid
 * frames give way to SILK alone.
 */
export function celtFadeOut(state: CeltDecoder, decimation: i32, accumulate: bool, out: usize): i32 {
  const frame = currentFrame();
  frame.channels = state.channels;
  frame.lm = 0;
  frame.start = 0;
  frame.end = BANDS;
  frame.silence = 1;
  frame.transient = 0;
  frame.filterPeriod = 0;
  frame.filterGain = 0;
  frame.filterTapset = 0;
  synthesise(state, frame, 0);
  filterFrame(state, frame);
  keepEnergies(state, frame);
  emit(state, 120, decimation, accumulate, out);
  return 120 / decimation;
}

/**
 * Makes up a frame that did not arrive: repetition of the signal for up to 100 ms, then noise that falls to the
 * background; in hybrid frames (`start` 17) noise alone. Arguments as for `celtDecode`.
 */
export function celtConceal(
  state: CeltDecoder, start: i32, end: i32, samples: i32, decimation: i32, accumulate: bool, out: usize,
): i32 {
  concealFrame(state, start, end, frameLm(samples), samples / decimation);
  emit(state, samples, decimation, accumulate, out);
  return samples / decimation;
}

/** The newest `samples` of the signal to the output. */
export function emit(state: CeltDecoder, samples: i32, decimation: i32, accumulate: bool, out: usize): void {
  const offset = <usize>(HISTORY - samples) << 2;
  writeOutput(
    signal(state, 0) + offset, signal(state, 1) + offset, state.channels, samples,
    changetype<usize>(state) + offsetof<CeltDecoder>("emphasis0"), decimation, accumulate, out,
  );
}
