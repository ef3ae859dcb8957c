/** Not shipped: the analysis on its own, for tests and for deriving the classifier. */
export { allocate } from "../core/memory";
export { ANALYSIS_SIZE, analyse, analysisInit, analysisReset } from "../opus/analysis/analysis";
