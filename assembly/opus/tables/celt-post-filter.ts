/** CELT post-filter (RFC 6716, section 4.3.7.1). */

/** Tapset, 2 bits (table 56). */
export const TAPSET_ICDF = memory.data<u8>([
  2, 1, 0,
], 16);

/** Per tapset: weight of the sample one period back, of its neighbours, of theirs. */
export const COMB_TAPS = memory.data<f32>([
  0.306640625, 0.2170410156, 0.1296386719, 0.4638671875, 0.2680664062, 0.0, 0.7998046875, 0.1000976562, 0.0,
], 16);
