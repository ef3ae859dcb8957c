// What the parser finds out about a packet: a struct of i32 fields and a table of u16 frame sizes.
// src/opus/layout.ts holds the same offsets.

export const INFO_FRAME_COUNT: usize = 0;
/** Per channel, at 48 kHz. */
export const INFO_FRAME_SAMPLES: usize = 4;
/** From the TOC byte to the first byte of the first frame. The frames follow one another. */
export const INFO_DATA_OFFSET: usize = 8;
/** Sum of the frame sizes. */
export const INFO_DATA_LENGTH: usize = 12;
/** Trailing padding, without the bytes that tell its length. */
export const INFO_PADDING: usize = 16;
/** Whole packet: differs from what was given only with self-delimiting framing. */
export const INFO_LENGTH: usize = 20;
export const INFO_TOC: usize = 24;
export const INFO_MODE: usize = 28;
export const INFO_BANDWIDTH: usize = 32;
export const INFO_CHANNELS: usize = 36;
/** 1 when the first frame carries redundancy (LBRR) for the packet before. */
export const INFO_FEC: usize = 40;
/** u16 each. */
export const INFO_SIZES: usize = 44;

/** 48 frames of 2.5 ms fill 120 ms. */
export const MAX_FRAMES: i32 = 48;
/** R2, RFC 6716 section 3.2.1. */
export const MAX_FRAME_BYTES: i32 = 1275;

export const INFO_SIZE: usize = INFO_SIZES + 2 * <usize>MAX_FRAMES;
