/** Long-term prediction: lags, contours, filters, scale (RFC 6716, section 4.2.7.6). */
import { RangeDecoder, decodeIcdf } from "../range-decoder";
import { UNIFORM4_ICDF, UNIFORM6_ICDF, UNIFORM8_ICDF } from "../tables/silk-frame";
import {
  CONTOUR_10MS,
  CONTOUR_10MS_ICDF,
  CONTOUR_20MS,
  CONTOUR_20MS_ICDF,
  CONTOUR_NB_10MS,
  CONTOUR_NB_10MS_ICDF,
  CONTOUR_NB_20MS,
  CONTOUR_NB_20MS_ICDF,
  LAG_DELTA_ICDF,
  LAG_HIGH_ICDF,
  LTP_INDEX0_ICDF,
  LTP_INDEX1_ICDF,
  LTP_INDEX2_ICDF,
  LTP_SCALE_ICDF,
  LTP_SCALE_Q14,
  LTP_TAPS0_Q7,
  LTP_TAPS1_Q7,
  LTP_TAPS2_Q7,
  PERIODICITY_ICDF,
} from "../tables/silk-pitch";
import { clamp } from "./fixed-point";
import { LAGS, LTP_INDICES, LTP_TAPS, PARAMETERS } from "./parameters";
import { Channel, VOICED } from "./state";

/** Shortest and longest lag: 2 and 18 ms. */
// @ts-ignore: decorator
@inline export function shortestLag(kHz: i32): i32 {
  return 2 * kHz;
}

// @ts-ignore: decorator
@inline export function longestLag(kHz: i32): i32 {
  return 18 * kHz;
}

/** Reads lag and contour; the lag may follow the frame parsed before when `conditional` (section 4.2.7.6.1). */
export function parseLag(dec: RangeDecoder, channel: Channel, conditional: bool): void {
  const kHz = channel.kHz;
  let delta = 0;
  if (conditional && channel.parsedType == VOICED) delta = decodeIcdf(dec, LAG_DELTA_ICDF, 8);
  if (delta > 0) {
    PARAMETERS.lagIndex = channel.parsedLagIndex + delta - 9;
  } else {
    const high = decodeIcdf(dec, LAG_HIGH_ICDF, 8);
    const low = kHz == 8 ? UNIFORM4_ICDF : kHz == 12 ? UNIFORM6_ICDF : UNIFORM8_ICDF;
    PARAMETERS.lagIndex = high * (kHz >> 1) + decodeIcdf(dec, low, 8);
  }
  channel.parsedLagIndex = PARAMETERS.lagIndex;
  let contours: usize;
  if (kHz == 8) contours = channel.subframes == 4 ? CONTOUR_NB_20MS_ICDF : CONTOUR_NB_10MS_ICDF;
  else contours = channel.subframes == 4 ? CONTOUR_20MS_ICDF : CONTOUR_10MS_ICDF;
  PARAMETERS.contour = decodeIcdf(dec, contours, 8);
}

/** Reads the filters, and the scale when the frame is coded on its own (sections 4.2.7.6.2 and .3). */
export function parseLtp(dec: RangeDecoder, subframes: i32, scaled: bool): void {
  const book = decodeIcdf(dec, PERIODICITY_ICDF, 8);
  PARAMETERS.periodicity = book;
  const icdf = book == 0 ? LTP_INDEX0_ICDF : book == 1 ? LTP_INDEX1_ICDF : LTP_INDEX2_ICDF;
  for (let k = 0; k < subframes; k++) store<u8>(LTP_INDICES + k, decodeIcdf(dec, icdf, 8));
  PARAMETERS.ltpScaleIndex = scaled ? decodeIcdf(dec, LTP_SCALE_ICDF, 8) : 0;
}

/** Fills `LAGS`, `LTP_TAPS` and the scale of a voiced frame. */
export function dequantizePitch(channel: Channel): void {
  const kHz = channel.kHz;
  const subframes = channel.subframes;
  let contours: usize;
  let width: i32;
  if (kHz == 8) {
    contours = subframes == 4 ? CONTOUR_NB_20MS : CONTOUR_NB_10MS;
    width = subframes == 4 ? 11 : 3;
  } else {
    contours = subframes == 4 ? CONTOUR_20MS : CONTOUR_10MS;
    width = subframes == 4 ? 34 : 12;
  }
  const lag = shortestLag(kHz) + PARAMETERS.lagIndex;
  const book = PARAMETERS.periodicity;
  const taps = book == 0 ? LTP_TAPS0_Q7 : book == 1 ? LTP_TAPS1_Q7 : LTP_TAPS2_Q7;
  for (let k = 0; k < subframes; k++) {
    const offset: i32 = load<i8>(contours + k * width + PARAMETERS.contour);
    store<i32>(LAGS + (k << 2), clamp(lag + offset, shortestLag(kHz), longestLag(kHz)));
    const from = taps + 5 * <usize>load<u8>(LTP_INDICES + k);
    for (let j = 0; j < 5; j++) {
      store<i16>(LTP_TAPS + ((5 * k + j) << 1), <i32>load<i8>(from + j) << 7);
    }
  }
  PARAMETERS.ltpScale = load<i16>(LTP_SCALE_Q14 + (PARAMETERS.ltpScaleIndex << 1));
}

/** The same for a frame that is not voiced: no lag, no taps, no history. */
export function clearPitch(): void {
  memory.fill(LAGS, 0, 16);
  memory.fill(LTP_TAPS, 0, 48);
  PARAMETERS.ltpScale = 0;
  PARAMETERS.periodicity = 0;
}
