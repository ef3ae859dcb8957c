/**
 * Tables of the SILK rate conversion (RFC 6716, section 4.2.9; figures of the reference decoder).
 */

/** All-pass coefficients of the even outputs; the third is lowered by 1.0. */
export const DOUBLER_EVEN_Q16 = memory.data<i16>([1746, 14986, -26453], 16);

/** All-pass coefficients of the odd outputs. */
export const DOUBLER_ODD_Q16 = memory.data<i16>([6854, 25769, -9994], 16);

/** Eight taps for each of twelve phases (1/24, 3/24 .. 23/24). */
export const INTERPOLATOR_Q15 = memory.data<i16>([
  189, -600, 617, 30567, 2996, -1375, 425, -46,
  117, -159, -1070, 29704, 5784, -2143, 611, -71,
  52, 221, -2392, 28276, 8798, -2865, 773, -91,
  -4, 529, -3350, 26341, 11950, -3487, 896, -103,
  -48, 758, -3956, 23973, 15143, -3957, 967, -107,
  -80, 905, -4235, 21254, 18278, -4222, 972, -99,
  -99, 972, -4222, 18278, 21254, -4235, 905, -80,
  -107, 967, -3957, 15143, 23973, -3956, 758, -48,
  -103, 896, -3487, 11950, 26341, -3350, 529, -4,
  -91, 773, -2865, 8798, 28276, -2392, 221, 52,
  -71, 611, -2143, 5784, 29704, -1070, -159, 117,
  -46, 425, -1375, 2996, 30567, 617, -600, 189,
], 16);

/** Down to 3/4: AR(2) in Q14, then three half kernels of nine taps. */
export const DOWN_3_4 = memory.data<i16>([
  -20694, -13867, -49, 64, 17, -157, 353, -496, 163, 11047, 22205, -39, 6, 91, -170, 186, 23, -896, 6336, 19928,
  -19, -36, 102, -89, -24, 328, -951, 2568, 15909,
], 16);

/** Down to 2/3: AR(2), then two half kernels of nine taps. */
export const DOWN_2_3 = memory.data<i16>([
  -14457, -14019, 64, 128, -122, 36, 310, -768, 584, 9267, 17733, 12, 128, 18, -142, 288, -117, -865, 4123, 14459,
], 16);

/** Down to 1/2: AR(2), then half of 24 taps. */
export const DOWN_1_2 = memory.data<i16>([
  616, -14323, -10, 39, 58, -46, -84, 120, 184, -315, -541, 1284, 5380, 9024,
], 16);

/** Input samples held back; rows 8, 12, 16 kHz in, columns 8, 12, 16, 24, 48 kHz out. */
export const DELAY = memory.data<u8>([4, 0, 2, 0, 0, 0, 9, 4, 7, 4, 0, 3, 12, 7, 7], 16);
