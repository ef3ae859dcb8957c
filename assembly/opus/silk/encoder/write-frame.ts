/**
 * Writes one SILK frame from the static parameter block: the mirror of frame-parser.ts (RFC 6716, section 4.2.7,
 * table 5). What the decoder remembers of the frame parsed last is kept in the channel's local decoder.
 */
import { RangeEncoder, encodeBinary, encodeIcdf } from "../../range-encoder";
import {
  FRAME_TYPE_ACTIVE_ICDF,
  FRAME_TYPE_INACTIVE_FIRST,
  GAIN_DELTA_ICDF,
  GAIN_HIGH_ICDF,
  UNIFORM4_ICDF,
  UNIFORM6_ICDF,
  UNIFORM8_ICDF,
} from "../../tables/silk-frame";
import {
  NB_MB_SELECT,
  NB_MB_STAGE1_ICDF,
  NB_MB_STAGE2_ICDF,
  NLSF_EXTENSION_ICDF,
  NLSF_INTERPOLATION_ICDF,
  WB_SELECT,
  WB_STAGE1_ICDF,
  WB_STAGE2_ICDF,
} from "../../tables/silk-nlsf";
import {
  CONTOUR_10MS_ICDF,
  CONTOUR_20MS_ICDF,
  CONTOUR_NB_10MS_ICDF,
  CONTOUR_NB_20MS_ICDF,
  LAG_DELTA_ICDF,
  LAG_HIGH_ICDF,
  LTP_INDEX0_ICDF,
  LTP_INDEX1_ICDF,
  LTP_INDEX2_ICDF,
  LTP_SCALE_ICDF,
  PERIODICITY_ICDF,
} from "../../tables/silk-pitch";
import { CONDITIONAL, INDEPENDENT } from "../frame-parser";
import { GAIN_INDICES, LTP_INDICES, NLSF_INDICES, PARAMETERS } from "../parameters";
import { Channel, VOICED } from "../state";
import { writePulses } from "./write-pulses";

/** Writes the frame whose symbols stand in the parameter block. `active` is its voice activity flag. */
export function writeFrame(enc: RangeEncoder, channel: Channel, active: bool, coding: i32): void {
  const subframes = channel.subframes;
  writeType(enc, active);
  writeGains(enc, subframes, coding != CONDITIONAL);
  writeNlsf(enc, channel.order, subframes);
  if (PARAMETERS.signalType == VOICED) {
    writeLag(enc, channel, coding == CONDITIONAL);
    writeLtp(enc, subframes, coding == INDEPENDENT);
  }
  channel.parsedType = PARAMETERS.signalType;
  encodeIcdf(enc, PARAMETERS.seed, UNIFORM4_ICDF, 8);
  writePulses(enc, channel.frameLength);
}

function writeType(enc: RangeEncoder, active: bool): void {
  const type = 2 * PARAMETERS.signalType + PARAMETERS.offsetType;
  if (active) encodeIcdf(enc, type - 2, FRAME_TYPE_ACTIVE_ICDF, 8);
  else encodeBinary(enc, type, FRAME_TYPE_INACTIVE_FIRST);
}

function writeGains(enc: RangeEncoder, subframes: i32, independent: bool): void {
  const first: i32 = load<u8>(GAIN_INDICES);
  if (independent) {
    encodeIcdf(enc, first >> 3, GAIN_HIGH_ICDF + 8 * <usize>PARAMETERS.signalType, 8);
    encodeIcdf(enc, first & 7, UNIFORM8_ICDF, 8);
  } else {
    encodeIcdf(enc, first, GAIN_DELTA_ICDF, 8);
  }
  for (let k = 1; k < subframes; k++) encodeIcdf(enc, load<u8>(GAIN_INDICES + k), GAIN_DELTA_ICDF, 8);
}

function writeNlsf(enc: RangeEncoder, order: i32, subframes: i32): void {
  const wide = order == 16;
  const row: usize = 32 * (<usize>PARAMETERS.signalType >> 1);
  const entry: i32 = load<i8>(NLSF_INDICES);
  encodeIcdf(enc, entry, (wide ? WB_STAGE1_ICDF : NB_MB_STAGE1_ICDF) + row, 8);
  const select = (wide ? WB_SELECT : NB_MB_SELECT) + <usize>(entry * (order >> 1));
  const books = wide ? WB_STAGE2_ICDF : NB_MB_STAGE2_ICDF;
  for (let i = 0; i < order; i++) {
    const pair: u32 = load<u8>(select + (i >> 1));
    const book = (pair >> ((i & 1) * 4 + 1)) & 7;
    writeResidual(enc, load<i8>(NLSF_INDICES + i, 1), books + 9 * book);
  }
  if (subframes == 4) encodeIcdf(enc, PARAMETERS.interpolation, NLSF_INTERPOLATION_ICDF, 8);
}

function writeResidual(enc: RangeEncoder, index: i32, book: usize): void {
  const bounded = min(max(index, -4), 4);
  encodeIcdf(enc, bounded + 4, book, 8);
  if (abs(bounded) == 4) encodeIcdf(enc, abs(index) - 4, NLSF_EXTENSION_ICDF, 8);
}

function writeLag(enc: RangeEncoder, channel: Channel, conditional: bool): void {
  const kHz = channel.kHz;
  const lag = PARAMETERS.lagIndex;
  let absolute = true;
  if (conditional && channel.parsedType == VOICED) {
    const delta = lag - channel.parsedLagIndex + 9;
    absolute = delta < 1 || delta > 20;
    encodeIcdf(enc, absolute ? 0 : delta, LAG_DELTA_ICDF, 8);
  }
  if (absolute) {
    const half = kHz >> 1;
    encodeIcdf(enc, lag / half, LAG_HIGH_ICDF, 8);
    encodeIcdf(enc, lag % half, kHz == 8 ? UNIFORM4_ICDF : kHz == 12 ? UNIFORM6_ICDF : UNIFORM8_ICDF, 8);
  }
  channel.parsedLagIndex = lag;
  let contours: usize;
  if (kHz == 8) contours = channel.subframes == 4 ? CONTOUR_NB_20MS_ICDF : CONTOUR_NB_10MS_ICDF;
  else contours = channel.subframes == 4 ? CONTOUR_20MS_ICDF : CONTOUR_10MS_ICDF;
  encodeIcdf(enc, PARAMETERS.contour, contours, 8);
}

function writeLtp(enc: RangeEncoder, subframes: i32, scaled: bool): void {
  const book = PARAMETERS.periodicity;
  encodeIcdf(enc, book, PERIODICITY_ICDF, 8);
  const icdf = book == 0 ? LTP_INDEX0_ICDF : book == 1 ? LTP_INDEX1_ICDF : LTP_INDEX2_ICDF;
  for (let k = 0; k < subframes; k++) encodeIcdf(enc, load<u8>(LTP_INDICES + k), icdf, 8);
  if (scaled) encodeIcdf(enc, PARAMETERS.ltpScaleIndex, LTP_SCALE_ICDF, 8);
}
