/** Not shipped: stages of the SILK encoder beside those of the decoder that undo them, for tests. */
export { allocate } from "../core/memory";
export { RANGE_DECODER_SIZE, finalRange, rangeDecoderInit } from "../opus/range-decoder";
export { RANGE_ENCODER_SIZE, bytesUsed, rangeEncoderDone, rangeEncoderInit } from "../opus/range-encoder";
export { burg, energyAfter } from "../opus/silk/encoder/burg";
export { costInit } from "../opus/silk/encoder/cost";
export { decimate, decimateInit } from "../opus/silk/encoder/decimate";
export { inputOf, localDecoderOf } from "../opus/silk/encoder/encoder-state";
export { PLAN } from "../opus/silk/encoder/frame-plan";
export { quantiseGains } from "../opus/silk/encoder/gain-search";
export { toLineSpectrum } from "../opus/silk/encoder/line-spectrum";
export { WEIGHTS, searchLineSpectrum, spacingWeights } from "../opus/silk/encoder/line-spectrum-search";
export { searchLongTerm } from "../opus/silk/encoder/long-term-search";
export { searchPitch } from "../opus/silk/encoder/pitch-search";
export { quantise } from "../opus/silk/encoder/quantiser";
export { OUTPUT } from "../opus/silk/encoder/quantiser-lanes";
export { PLAN_LAGS } from "../opus/silk/encoder/shaping";
export { writePulses } from "../opus/silk/encoder/write-pulses";
export { buildExcitation } from "../opus/silk/excitation";
export { dequantizeGains } from "../opus/silk/gains";
export { nlsfToLpc } from "../opus/silk/lpc";
export { reconstructNlsf } from "../opus/silk/nlsf";
export {
  GAINS, GAIN_INDICES, LAGS, LPC, NLSF_INDICES, PARAMETERS, PULSES,
} from "../opus/silk/parameters";
export { parsePulses } from "../opus/silk/pulses";
export { excitationOf, signalOf } from "../opus/silk/state";
export { synthesise } from "../opus/silk/synthesis";
