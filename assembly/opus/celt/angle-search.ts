import { RANGE_ENCODER_SIZE, RangeEncoder } from "../range-encoder";
import { codeStereoBand } from "./band-shape";
import { Writing } from "./direction";
import { Frame } from "./frame";
import { amplitude } from "./stereo-split";

/*
 * A joint stereo band is written twice, its angle rounded down and up, and the version stays that is nearer to the
 * original: mid, side and the bits that follow from the angle are seen together.
 */

/** Shapes of the band before and after the first try, two channels of 176 f32 and room. */
const ORIGINAL = memory.data(1536, 16);
const FIRST = memory.data(1536, 16);
const FIRST_KEPT = memory.data(768, 16);
// @ts-ignore: decorator
@inline const STRIDE: usize = 768;
/** The writer before, and after the first try; what that wrote. */
const BEFORE = memory.data(64, 16);
const AFTER = memory.data(64, 16);
const BYTES = memory.data(1280, 16);

// @ts-ignore: decorator
@inline function dot(a: usize, b: usize, size: i32): f32 {
  let sum: f32 = 0;
  for (const end = a + (<usize>size << 2); a < end; a += 4, b += 4) sum += load<f32>(a) * load<f32>(b);
  return sum;
}

/** How near the two channels are to the original: the quieter one counts a little more than by its energy. */
function likeness(band: i32, x: usize, y: usize, size: i32): f32 {
  const left = amplitude(0, band);
  const right = amplitude(1, band);
  const share = min(left, right) / 3;
  return (left + share) * dot(ORIGINAL, x, size) + (right + share) * dot(ORIGINAL + STRIDE, y, size);
}

/** `codeStereoBand`, with the better of two roundings of the angle where that is asked for. */
export function searchedStereoBand(
  frame: Frame, band: i32, x: usize, y: usize, size: i32, bits: i32, blocks: i32, source: usize, kept: usize,
  fill: u32,
): u32 {
  if (!frame.searchAngles || band >= frame.intensity || size < 3) {
    frame.angleRounding = 0;
    return codeStereoBand<Writing>(frame, band, x, y, size, bits, blocks, source, kept, fill);
  }
  const writer = frame.writer;
  const bytes = <usize>size << 2;
  const remaining = frame.remaining;
  const seed = frame.seed;
  memory.copy(ORIGINAL, x, bytes);
  memory.copy(ORIGINAL + STRIDE, y, bytes);
  memory.copy(BEFORE, changetype<usize>(writer), RANGE_ENCODER_SIZE);

  frame.angleRounding = -1;
  const firstMask = codeStereoBand<Writing>(frame, band, x, y, size, bits, blocks, source, kept, fill);
  const firstLikeness = likeness(band, x, y, size);
  const firstRemaining = frame.remaining;
  const firstSeed = frame.seed;
  memory.copy(FIRST, x, bytes);
  memory.copy(FIRST + STRIDE, y, bytes);
  if (kept) memory.copy(FIRST_KEPT, kept, bytes);
  memory.copy(AFTER, changetype<usize>(writer), RANGE_ENCODER_SIZE);
  const before = changetype<RangeEncoder>(BEFORE);
  const front = writer.offset - before.offset;
  const back = writer.endOffset - before.endOffset;
  memory.copy(BYTES, writer.buffer + before.offset, front);
  memory.copy(BYTES + front, writer.buffer + writer.storage - writer.endOffset, back);

  memory.copy(x, ORIGINAL, bytes);
  memory.copy(y, ORIGINAL + STRIDE, bytes);
  memory.copy(changetype<usize>(writer), BEFORE, RANGE_ENCODER_SIZE);
  frame.remaining = remaining;
  frame.seed = seed;
  frame.angleRounding = 1;
  const mask = codeStereoBand<Writing>(frame, band, x, y, size, bits, blocks, source, kept, fill);
  if (likeness(band, x, y, size) > firstLikeness) return mask;

  memory.copy(x, FIRST, bytes);
  memory.copy(y, FIRST + STRIDE, bytes);
  if (kept) memory.copy(kept, FIRST_KEPT, bytes);
  memory.copy(changetype<usize>(writer), AFTER, RANGE_ENCODER_SIZE);
  memory.copy(writer.buffer + before.offset, BYTES, front);
  memory.copy(writer.buffer + writer.storage - writer.endOffset, BYTES + front, back);
  frame.remaining = firstRemaining;
  frame.seed = firstSeed;
  return firstMask;
}
