/**
 * Carries what two ends of a path tell each other to find it: strings that only the other end's
 * transport understands. A call hands them over under its seal, in order and without loss; whoever
 * carries them outside of a call must do the same, because they name addresses and fingerprints.
 */
export type DescriptionExchange = {
  /** Hands a description to the other end. At most 8192 UTF-16 code units. */
  send(description: string): void;
  /**
   * Sets who hears the descriptions of the other end; replaces the one before. What came earlier
   * must be kept until there is a handler.
   */
  onDescription(handler: (description: string) => void): void;
};

/** Longer descriptions are dropped unread: an offer has about 600, a candidate 150. */
export const MAX_DESCRIPTION_LENGTH: number = 8192;

/**
 * Reads a description.
 * @returns the object, of unknown content; null when it is none, or too long
 */
export function parseDescription(text: unknown): Record<string, unknown> | null {
  if (typeof text !== 'string' || text.length > MAX_DESCRIPTION_LENGTH) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return value as Record<string, unknown>;
  } catch {
    return null;
  }
}
