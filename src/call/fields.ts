// Checks of single fields of what came from the other side.

/** An object whose fields nobody has looked at yet. */
export type Fields = Record<string, unknown>;

const MAX_TEXT = 255;

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null;

/** 1 to 255 characters. */
export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT;

/** An integer in 0..max. */
export const isCount = (value: unknown, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;

/** A copy of `min` to `max` bytes, or null when it is something else. */
export function bytesOf(value: unknown, min: number, max: number): Uint8Array | null {
  if (!(value instanceof Uint8Array) || value.length < min || value.length > max) return null;
  return Uint8Array.from(value);
}
