/*
 * What a frame says and how its bits are shared is one algorithm for both directions (RFC 6716, section 4.3: an
 * encoder must come to the decoder's numbers at every symbol). It is written once, as functions of a direction `D`;
 * each instance holds one direction only.
 */

/** The frame is read. */
export type Reading = i32;
/** The frame is written: decisions come from the spectrum, what is left in it is what a decoder will hear. */
export type Writing = i64;

// @ts-ignore: decorator
@inline export function writes<D>(): bool {
  return sizeof<D>() == 8;
}
