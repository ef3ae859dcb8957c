/**
 * Prediction parameters of a frame (RFC 6716, sections 5.2.3.4 and 5.2.3.5): long-term filters, the short-term predictor
 * of what they leave, its quantised line spectra with or without interpolation, and the energy left in each subframe.
 */
import { exp2 } from "../../celt/exponential";
import { LAGS, LPC, LPC_BYTES, LTP_TAPS, NLSF, PARAMETERS } from "../parameters";
import { nlsfToLpc } from "../lpc";
import { interpolateNlsf, reconstructNlsf } from "../nlsf";
import { clearPitch, dequantizePitch } from "../pitch";
import { VOICED, previousNlsfOf } from "../state";
import { burg, energyAfter } from "./burg";
import { EncoderChannel, inputOf, localDecoderOf } from "./encoder-state";
import { PLAN, PLAN_GAINS, RESIDUAL_ENERGY } from "./frame-plan";
import { toLineSpectrum } from "./line-spectrum";
import { WEIGHTS, searchLineSpectrum, spacingWeights } from "./line-spectrum-search";
import { searchLongTerm } from "./long-term-search";

/** f32: four pieces, each a subframe with `order` samples before it, without pitch, divided by the gain. */
const PIECES = memory.data(4 * 4 * 96, 16);
const PREDICTOR = memory.data(64, 16);
const LATE_PREDICTOR = memory.data(64, 16);
const TRIAL = memory.data(64, 16);
const TRIAL_LPC = memory.data(32, 16);
const LATE_NLSF = memory.data(32, 16);
const BETWEEN = memory.data(32, 16);
const BETWEEN_WEIGHTS = memory.data(64, 16);

/** i16 Q12 to f32. */
function widen(to: usize, lpc: usize, order: i32): void {
  for (let j = 0; j < order; j++) store<f32>(to + (j << 2), <f32>load<i16>(lpc + (j << 1)) * (1.0 / 4096.0));
}

/** Everything between shaping analysis and the gains. */
export function analysePrediction(c: EncoderChannel, survivors: i32, interpolate: bool): void {
  const channel = localDecoderOf(c);
  const order = channel.order;
  const length = channel.subframeLength;
  const subframes = channel.subframes;
  const piece = length + order;
  PLAN.ltpGain = 0;
  PARAMETERS.ltpScaleIndex = 0;
  if (PARAMETERS.signalType == VOICED) {
    searchLongTerm(c);
    PARAMETERS.ltpScaleIndex = <i32>min(max<f32>(<f32>PLAN.lossy * PLAN.ltpGain * 0.1, 0), <f32>2);
    dequantizePitch(channel);
  } else {
    clearPitch();
    c.ltpGainSum = 0;
  }
  fillPieces(c);

  const least: f32 = c.first != 0 ? 1e-2
    : exp2(PLAN.ltpGain * (1.0 / 3.0)) / (1e4 * (0.25 + 0.75 * PLAN.codingQuality));
  let energy = burg(PREDICTOR, PIECES, subframes, piece, order, least);
  PARAMETERS.interpolation = 4;
  const previous = previousNlsfOf(channel);
  let interpolated = false;
  if (interpolate && subframes == 4 && c.first == 0) {
    const late = PIECES + (<usize>(2 * piece) << 2);
    const lateEnergy = burg(LATE_PREDICTOR, late, 2, piece, order, least);
    toLineSpectrum(LATE_NLSF, LATE_PREDICTOR, order);
    let best = energy - lateEnergy;
    let before: f32 = Infinity;
    for (let k = 3; k >= 0; k--) {
      interpolateNlsf(BETWEEN, previous, LATE_NLSF, k, order);
      nlsfToLpc(TRIAL_LPC, BETWEEN, order);
      widen(TRIAL, TRIAL_LPC, order);
      const early = energyAfter(TRIAL, PIECES, 2, piece, order);
      if (early < best) {
        best = early;
        PARAMETERS.interpolation = k;
        interpolated = true;
      } else if (early > before) break;
      before = early;
    }
  }
  if (interpolated) memory.copy(NLSF, LATE_NLSF, 32);
  else toLineSpectrum(NLSF, PREDICTOR, order);

  quantiseSpectrum(c, previous, survivors);
  for (let k = 0; k < subframes; k++) {
    if ((k & 1) == 0) widen(TRIAL, LPC + <usize>(k >> 1) * LPC_BYTES, order);
    const gain = load<f32>(PLAN_GAINS + (k << 2));
    const left = energyAfter(TRIAL, PIECES + (<usize>(k * piece) << 2), 1, piece, order);
    store<f32>(RESIDUAL_ENERGY + (k << 2), left * gain * gain);
  }
}

/** The input without its long-term prediction, at unit level. */
function fillPieces(c: EncoderChannel): void {
  const channel = localDecoderOf(c);
  const order = channel.order;
  const length = channel.subframeLength;
  const piece = length + order;
  for (let k = 0; k < channel.subframes; k++) {
    const to = PIECES + (<usize>(k * piece) << 2);
    const from = inputOf(c) + (<usize>(channel.historyLength + k * length - order) << 2);
    const inverse: f32 = 1 / load<f32>(PLAN_GAINS + (k << 2));
    const lag = load<i32>(LAGS + (k << 2));
    const taps = LTP_TAPS + <usize>(10 * k);
    for (let n = 0; n < piece; n++) {
      const at = from + (<usize>n << 2);
      let value = load<f32>(at);
      if (lag > 0) {
        const past = at - (<usize>lag << 2);
        value -= (<f32>load<i16>(taps) * load<f32>(past, 8) + <f32>load<i16>(taps, 2) * load<f32>(past, 4) +
          <f32>load<i16>(taps, 4) * load<f32>(past) + <f32>load<i16>(taps, 6) * load<f32>(past - 4) +
          <f32>load<i16>(taps, 8) * load<f32>(past - 8)) * (1.0 / 16384.0);
      }
      store<f32>(to + (<usize>n << 2), value * inverse);
    }
  }
}

/** Weights, search, and the predictors that decoders will compute. */
function quantiseSpectrum(c: EncoderChannel, previous: usize, survivors: i32): void {
  const channel = localDecoderOf(c);
  const order = channel.order;
  const factor = PARAMETERS.interpolation;
  spacingWeights(WEIGHTS, NLSF, order);
  if (factor < 4) {
    interpolateNlsf(BETWEEN, previous, NLSF, factor, order);
    spacingWeights(BETWEEN_WEIGHTS, BETWEEN, order);
    const share: f32 = <f32>(factor * factor) * (1.0 / 32.0);
    for (let i = 0; i < order; i++) {
      const at = WEIGHTS + (i << 2);
      store<f32>(at, 0.5 * load<f32>(at) + share * load<f32>(BETWEEN_WEIGHTS + (i << 2)));
    }
  }
  // Weights are Q2 of 1/spacing, errors Q15: brought to the scale in which `mu` is given.
  let mu: f32 = 0.003 - 0.001 * c.activity;
  if (channel.subframes == 2) mu *= 1.5;
  for (let i = 0; i < order; i++) {
    const at = WEIGHTS + (i << 2);
    store<f32>(at, load<f32>(at) * WEIGHT_SCALE);
  }
  searchLineSpectrum(NLSF, order, mu, survivors);
  reconstructNlsf(NLSF, order);
  nlsfToLpc(LPC + LPC_BYTES, NLSF, order);
  if (factor < 4) {
    interpolateNlsf(BETWEEN, previous, NLSF, factor, order);
    nlsfToLpc(LPC, BETWEEN, order);
  } else {
    memory.copy(LPC, LPC + LPC_BYTES, LPC_BYTES);
  }
}

/** From spacing weights (Q2) and squared errors (Q30) to units in which a bit costs `mu`. */
// @ts-ignore: decorator
@inline const WEIGHT_SCALE: f32 = 0.25 / 1073741824.0;
