// Results below zero, the same for every export of assembly/opus. src/opus/layout.ts has the same.

export const BAD_ARGUMENT: i32 = -1;
export const BUFFER_TOO_SMALL: i32 = -2;
export const BAD_PACKET: i32 = -4;
export const INCOMPATIBLE_PACKET: i32 = -8;
