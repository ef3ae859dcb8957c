import { INTENSITY_HYSTERESIS, INTENSITY_RATES } from "../tables/celt-encoder";
import { MEASURED, slotOf } from "./energy-measure";
import { CeltEncoder } from "./encoder-state";
import { Frame, SPECTRUM, SPECTRUM_STRIDE, edge } from "./frame";
import { log2 } from "./logarithm";

/** Whether left and right are sparser than mid and side, in the bands below 3 kHz. */
export function prefersDual(frame: Frame): bool {
  const lm = frame.lm;
  let apart: f32 = 1e-15;
  let joint: f32 = 1e-15;
  const end = min(13, frame.end);
  const last = <usize>(edge(end) << lm) << 2;
  for (let i = <usize>(edge(frame.start) << lm) << 2; i < last; i += 4) {
    const l = load<f32>(SPECTRUM + i);
    const r = load<f32>(SPECTRUM + SPECTRUM_STRIDE + i);
    apart += abs<f32>(l) + abs<f32>(r);
    joint += abs<f32>(l + r) + abs<f32>(l - r);
  }
  const bins = edge(13) << (lm + 1);
  const angles = lm <= 1 ? 5 : 13;
  return <f32>(bins + angles) * (0.70710678 * joint) > <f32>bins * apart;
}

/** First band in intensity stereo for a rate in bit/s, with hysteresis. */
export function chooseIntensity(state: CeltEncoder, frame: Frame, rate: i32): i32 {
  const kbps = rate / 1000;
  const before = state.intensity;
  let band = 0;
  while (band < 21 && kbps >= <i32>load<u8>(INTENSITY_RATES + <usize>band)) band++;
  if (band > before && before < 21) {
    const up = <i32>load<u8>(INTENSITY_RATES + <usize>before) + <i32>load<u8>(INTENSITY_HYSTERESIS + <usize>before);
    if (kbps < up) band = before;
  } else if (band < before && before > 0) {
    const down = <i32>load<u8>(INTENSITY_RATES + <usize>(before - 1)) -
      <i32>load<u8>(INTENSITY_HYSTERESIS + <usize>(before - 1));
    if (kbps > down) band = before;
  }
  band = max(frame.start, min(frame.end, band));
  state.intensity = band;
  return band;
}

/** <L, R> of one band of unit shapes. */
function likeness(frame: Frame, band: i32): f32 {
  let sum: f32 = 0;
  const last = <usize>(edge(band + 1) << frame.lm) << 2;
  for (let i = <usize>(edge(band) << frame.lm) << 2; i < last; i += 4) {
    sum += load<f32>(SPECTRUM + i) * load<f32>(SPECTRUM + SPECTRUM_STRIDE + i);
  }
  return sum;
}

/** Tilt of the allocation, 0..10 (RFC 6716, section 4.3.3); `rate` in bit/s; updates what stereo saves. */
export function chooseTrim(state: CeltEncoder, frame: Frame, rate: i32, timeEstimate: f32): i32 {
  let trim: f32 = rate < 64000 ? 4 : rate < 80000 ? 4 + <f32>(rate - 64000) / 16000 : 5;
  if (frame.channels == 2) {
    let sum: f32 = 0;
    for (let band = 0; band < 8; band++) sum += likeness(frame, band);
    const mean = min<f32>(1, abs<f32>(sum * 0.125));
    let least = mean;
    for (let band = 8; band < frame.intensity; band++) least = min(least, abs<f32>(likeness(frame, band)));
    least = min<f32>(1, least);
    const logMean: f32 = log2(1.001 - mean * mean);
    const logLeast: f32 = max<f32>(0.5 * logMean, log2(1.001 - least * least));
    trim += max<f32>(-4, 0.75 * logMean);
    state.stereoSaving = min<f32>(state.stereoSaving + 0.25, 0.5 * -logLeast);
  }
  let tilt: f32 = 0;
  for (let channel = 0; channel < frame.channels; channel++) {
    for (let band = 0; band < frame.end - 1; band++) {
      tilt += load<f32>(MEASURED + slotOf(channel, band)) * <f32>((band << 1) + 2 - frame.end);
    }
  }
  tilt /= <f32>(frame.channels * (frame.end - 1));
  trim -= max<f32>(-2, min<f32>(2, (tilt + 1) / 6));
  trim -= 2 * timeEstimate;
  return max(0, min(10, <i32>floor<f32>(0.5 + trim)));
}
