/**
 * The analysis of an encoder's input, once per 20 ms whatever the frames: is there anything, is it speech or music, how
 * tonal is it, and up to which frequency does it go.
 */
import { transformInit } from "../celt/transform-tables";
import { exp2 } from "../celt/exponential";
import { log2 } from "../celt/logarithm";
import { ANALYSIS_SIZE, Analysis, OLD, STEP, signalOf } from "./analysis-state";
import { measureSpectrum } from "./analysis-spectrum";
import { updateAudioBand } from "./audio-band";
import { musicProbability } from "./classifier";
import { missing, takeSamples } from "./downmix";
import { TONALITY, bandsOf, levelsAgo, measureBands, trackFloors } from "./features";
import { measureTexture } from "./texture";

export { ANALYSIS_SIZE, Analysis } from "./analysis-state";

/** Makes an analysis at `a`, `ANALYSIS_SIZE` bytes, 16-byte aligned, of input at `kHz` (8, 12, 16, 24 or 48). */
export function analysisInit(a: Analysis, kHz: i32): void {
  transformInit();
  a.kHz = kHz;
  a.depth = 24;
  analysisReset(a);
}

/** Forgets the signal. */
export function analysisReset(a: Analysis): void {
  const kHz = a.kHz;
  const depth = a.depth;
  memory.fill(changetype<usize>(a), 0, ANALYSIS_SIZE);
  a.kHz = kHz;
  a.depth = depth;
  a.bandwidth = 4;
  a.music = 0.5;
  a.musicNow = 0.5;
  a.level = -100;
  a.peakLevel = -100;
}

/**
 * Takes `samples` per channel (any multiple of 2.5 ms) of interleaved f32, +-1, at the input's rate, and updates the
 * fields of `a` for every 20 ms that are complete. Costs about a twentieth of encoding; an encoder at low complexity
 * does without and leaves `a.valid` at 0.
 */
export function analyse(a: Analysis, pcm: usize, samples: i32, channels: i32): void {
  while (samples > 0) {
    const part = min(samples, missing(a));
    takeSamples(a, pcm, part, channels);
    pcm += <usize>(part * channels) << 2;
    samples -= part;
    if (a.filled == STEP) step(a);
  }
}

/** 20 ms are complete. */
function step(a: Analysis): void {
  measureSpectrum(a);
  measureBands(a);
  updateAudioBand(a, a.highEnergy / <f32>STEP);
  summarise(a, trackFloors(a));
  memory.copy(signalOf(a), signalOf(a) + (<usize>STEP << 2), <usize>OLD << 2);
  a.filled = 0;
  a.highEnergy = 0;
  a.steps = a.steps < 100000 ? a.steps + 1 : 1024;
  a.valid = 1;
}

/** The fields that follow from the bands. `above`: mean level over the noise floors, log2. */
function summarise(a: Analysis, above: f32): void {
  const bands = bandsOf(a);
  const levels = levelsAgo(a, 0);
  let energy: f32 = 0;
  let loudest: f32 = -100;
  for (let band = 0; band < bands; band++) {
    const level = load<f32>(levels + (<usize>band << 2));
    energy += exp2(level);
    loudest = max(loudest, level);
  }
  // Bands count by how loud they are, in dB over 30 dB below the loudest.
  let tonality: f32 = 0;
  let weights: f32 = 0;
  for (let band = 0; band < bands; band++) {
    const weight = max<f32>(0, load<f32>(levels + (<usize>band << 2)) - loudest + 10);
    const t = load<f32>(TONALITY + (<usize>band << 2));
    tonality += weight * t;
    weights += weight;
  }
  a.tonality = tonality / weights;
  const loudness = log2(energy + 1e-3);
  a.level = 3.0103 * loudness - 90.3;
  a.peakLevel = max(a.level, a.peakLevel - 0.02);
  // 3 dB over the noise in all bands, or a tone that is heard at all.
  const present: f32 = max<f32>(1.6 * (above - 1), 8 * (a.tonality - 0.45));
  const heard: f32 = a.level < -75 ? 0 : 1;
  a.activity = heard / (1 + exp2(-2 * present));
  // Pauses say nothing about what surrounds them.
  if (a.level > -75 && a.level > a.peakLevel - 40) {
    measureTexture(a, loudness, loudest);
    a.musicNow = musicProbability();
    const rate: f32 = max<f32>(0.04, 0.5 / <f32>(a.steps + 1));
    a.music += rate * a.activity * (a.musicNow - a.music);
  }
}
