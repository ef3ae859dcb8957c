/** Not shipped: the range decoder, SILK and its stages on their own, for tests and development. */
export { allocate, release } from "../core/memory";
export {
  RANGE_DECODER_SIZE,
  decodeBit,
  decodeIcdf,
  decodeRawBits,
  decodeUint,
  finalRange,
  rangeDecoderInit,
  tell,
  tellFrac,
} from "../opus/range-decoder";
export { SILK_DECODER_SIZE, silkDecode, silkDecoderInit } from "../opus/silk/decoder";
export { divide, exp2Q7, inverse, squareRoot } from "../opus/silk/fixed-point";
export { inversePredictionGain, nlsfToLpc } from "../opus/silk/lpc";
export { stabiliseNlsf } from "../opus/silk/nlsf";
export { resample, resamplerInit } from "../opus/silk/resampler";
export { RESAMPLER_SIZE } from "../opus/silk/resampler-state";
export {
  shortTermAdvance,
  shortTermLoad,
  shortTermOutput,
  shortTermPrepare,
  shortTermRun,
  shortTermSave,
} from "../opus/silk/short-term";
export { NB_MB_SPACING_Q15, WB_SPACING_Q15 } from "../opus/tables/silk-nlsf";
