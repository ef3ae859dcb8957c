/*
 * What is measured of each step of 20 ms: levels and tonality of 18 bands, and numbers made of them in which speech and
 * music differ.
 */
import { log2 } from "../celt/logarithm";
import { ANALYSIS_BANDS, Analysis, HISTORY, floorsOf, levelsOf } from "./analysis-state";
import { COHERENCE, ENERGIES } from "./analysis-spectrum";

/** First bin of each band, and the end: about an ERB and a half each, to 12 kHz. */
const BAND_BINS = memory.data<u8>([0, 4, 8, 12, 16, 20, 24, 29, 35, 42, 50, 60, 72, 86, 104, 126, 152, 190, 240], 16);

/** Tonality of each band, 0..1. f32. */
export const TONALITY = memory.data(80, 16);

/** Bands that the input's rate has. */
// @ts-ignore: decorator
@inline export function bandsOf(a: Analysis): i32 {
  return a.kHz >= 24 ? ANALYSIS_BANDS : a.kHz == 16 ? 16 : a.kHz == 12 ? 14 : 12;
}

/** log2 energies of the bands, `back` steps ago. */
// @ts-ignore: decorator
@inline export function levelsAgo(a: Analysis, back: i32): usize {
  return levelsOf(a) + <usize>((a.steps + HISTORY - back) & (HISTORY - 1)) * 80;
}

/** Levels and tonality of all bands of the step at hand. */
export function measureBands(a: Analysis): void {
  const bands = bandsOf(a);
  const levels = levelsAgo(a, 0);
  for (let band = 0; band < bands; band++) {
    let energy: f32 = 0;
    let tonal: f32 = 0;
    const end = <usize>load<u8>(BAND_BINS + <usize>band + 1) << 2;
    for (let i = <usize>load<u8>(BAND_BINS + <usize>band) << 2; i < end; i += 4) {
      const e = load<f32>(ENERGIES + i);
      energy += e;
      tonal += e * max<f32>(0, load<f32>(COHERENCE + i));
    }
    store<f32>(levels + (<usize>band << 2), log2(energy + 0.01));
    store<f32>(TONALITY + (<usize>band << 2), tonal / (energy + 0.01));
  }
}

/** Noise floors: down fast, up by at most 3 dB a second, less where a band is tonal. Gives the level above them. */
export function trackFloors(a: Analysis): f32 {
  const bands = bandsOf(a);
  const levels = levelsAgo(a, 0);
  const floors = floorsOf(a);
  let above: f32 = 0;
  for (let band = 0; band < bands; band++) {
    const at = <usize>band << 2;
    const level = load<f32>(levels + at);
    const floor = load<f32>(floors + at);
    if (a.steps == 0 || level < floor) {
      store<f32>(floors + at, a.steps == 0 ? level : floor + 0.15 * (level - floor));
    } else {
      const rise: f32 = 0.02 * max<f32>(0, 1 - 2 * load<f32>(TONALITY + at));
      store<f32>(floors + at, min(level, floor + rise));
      above += min<f32>(8, level - floor);
    }
  }
  return above / <f32>bands;
}
