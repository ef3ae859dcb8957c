/** Not shipped: the analysis on its own, for tests and for deriving the classifier. */
export { allocate } from "../core/memory";
export { ANALYSIS_SIZE, analyse, analysisInit, analysisReset } from "../opus/analysis/analysis";
export { TEXTURE } from "../opus/analysis/texture";
export { LEVEL_OFFSET } from "../opus/analysis/analysis-state";
