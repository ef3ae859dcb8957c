/**
 * Tables for the head of a SILK frame: flags, stereo, frame type, gains (RFC 6716, sections 4.2.4 to 4.2.7.4).
 * Tables named ICDF are inverse cumulative distributions with a total of 256, read with `decodeIcdf(dec, table, 8)`.
 */

/** Section 4.2.4, table 4: symbol + 1 is the mask of two LBRR flags, bit i for frame i. */
export const LBRR_FLAGS_40MS_ICDF = memory.data<u8>([203, 150, 0], 16);

/** Section 4.2.4, table 4: symbol + 1 is the mask of three LBRR flags. */
export const LBRR_FLAGS_60MS_ICDF = memory.data<u8>([215, 195, 166, 125, 110, 82, 0], 16);

/** Section 4.2.7.1, table 6, stage 1: coarse indices of both weights. */
export const STEREO_JOINT_ICDF = memory.data<u8>([
  249, 247, 246, 245, 244, 234, 210, 202, 201, 200, 197, 174, 82, 59, 56, 55, 54, 46, 22, 12, 11, 10, 9, 7, 0,
], 16);

/** Section 4.2.7.1, table 7: prediction weight levels. */
export const STEREO_WEIGHTS_Q13 = memory.data<i16>([
  -13732, -10050, -8266, -7526, -6500, -5000, -2950, -820, 820, 2950, 5000, 6500, 7526, 8266, 10050, 13732,
], 16);

/** Section 4.2.7.2, table 8: first entry of the distribution {v, 0}. */
// @ts-ignore: decorator
@inline export const MID_ONLY_FIRST: u32 = 64;

/** Section 4.2.7.3, table 9: symbol + 2 is the frame type. */
export const FRAME_TYPE_ACTIVE_ICDF = memory.data<u8>([232, 158, 10, 0], 16);

/** Section 4.2.7.3, table 9: first entry of the distribution {v, 0}; the symbol is the frame type. */
// @ts-ignore: decorator
@inline export const FRAME_TYPE_INACTIVE_FIRST: u32 = 230;

/** Section 4.2.7.4, table 11: upper three bits of an independent gain; rows by signal type. */
export const GAIN_HIGH_ICDF = memory.data<u8>([
  224, 112, 44, 15, 3, 2, 1, 0,
  254, 237, 192, 132, 70, 23, 4, 0,
  255, 252, 226, 155, 61, 11, 2, 0,
], 16);

/** Section 4.2.7.4, table 13. */
export const GAIN_DELTA_ICDF = memory.data<u8>([
  250, 245, 234, 203, 71, 50, 42, 38, 35, 33, 31, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14,
  13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
], 16);

/** Three nearly equal symbols (table 6, stage 2). */
export const UNIFORM3_ICDF = memory.data<u8>([171, 85, 0], 16);

/** Four equal symbols (tables 30 and 43). */
export const UNIFORM4_ICDF = memory.data<u8>([192, 128, 64, 0], 16);

/** Five nearly equal symbols (table 6, stage 3). */
export const UNIFORM5_ICDF = memory.data<u8>([205, 154, 102, 51, 0], 16);

/** Six nearly equal symbols (table 30). */
export const UNIFORM6_ICDF = memory.data<u8>([213, 171, 128, 85, 43, 0], 16);

/** Eight equal symbols (tables 12 and 30). */
export const UNIFORM8_ICDF = memory.data<u8>([224, 192, 160, 128, 96, 64, 32, 0], 16);
