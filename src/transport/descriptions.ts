/** What a path channel carries at most; an offer has about 600 characters, a candidate 150. */
const MAX_LENGTH = 15_000;

/**
 * Reads what the other end of a path tells about itself: a JSON object.
 * @returns the object, of unknown content; null when it is none, or too long
 */
export function parseDescription(text: unknown): Record<string, unknown> | null {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return value as Record<string, unknown>;
  } catch {
    return null;
  }
}
