/**
 * Memory of the noise-shaping quantiser: what each path of the delayed decision carries, one path a vector lane, and what
 * is final. Filled anew for each frame, so one static block serves all encoders.
 */

/** Largest pulse. The format has room for more; redundant frames keep them in bytes. */
// @ts-ignore: decorator
@inline export const LARGEST_PULSE: f32 = 120;
/** Magnitudes are lowered by this in reconstruction: 80 / 1024. */
// @ts-ignore: decorator
@inline export const LEVEL_ADJUST: f32 = 0.078125;
/** Cost that takes a path out of the race. */
// @ts-ignore: decorator
@inline export const EXCLUDED: f32 = 1e12;
/** Frame offset in the arrays with history. */
// @ts-ignore: decorator
@inline export const HISTORY: i32 = 320;

/** Vectors, one lane a path: synthesis in units of the gain, 16 of the past before the frame. */
export const SYNTHESIS = memory.data(16 * (16 + 320), 16);
/** The all-pass chain. */
export const CHAIN = memory.data(16 * 24, 16);
/** Per sample: pulse, long-term state, shaped error, output, and from which lane each lane came. */
export const LANE_PULSE = memory.data(16 * 320, 16);
export const LANE_LONG = memory.data(16 * 320, 16);
export const LANE_OUTPUT = memory.data(16 * 320, 16);
export const LANE_SHAPED = memory.data(16 * 320, 16);
export const PARENTS = memory.data(16 * 320, 16);
/** Committed, f32 in 16-bit units, 20 ms of history first. */
export const LONG = memory.data(4 * 640, 16);
export const SHAPED = memory.data(4 * 640, 16);
export const OUTPUT = memory.data(4 * 640, 16);

export const IDENTITY = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

// Registers of the lanes, kept in memory between subframes.
export const REG = memory.data(16 * 8, 16);
// @ts-ignore: decorator
@inline export const R_COST: usize = 0;
// @ts-ignore: decorator
@inline export const R_SEED: usize = 16;
// @ts-ignore: decorator
@inline export const R_FIRST_SEED: usize = 32;
// @ts-ignore: decorator
@inline export const R_ERROR: usize = 48;
// @ts-ignore: decorator
@inline export const R_LEVEL: usize = 64;
// @ts-ignore: decorator
@inline export const R_SHAPED: usize = 80;
