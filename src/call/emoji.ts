import { checkBytes, checkLength } from '../core/checks.ts';
import { EMOJIS } from './emoji-table.ts';
import { badArgument } from './errors.ts';

/** The four emojis that both sides of a call compare, from left to right. */
export type EmojiFingerprint = readonly [string, string, string, string];

/**
 * Four numbers in 0..332: each 8 bytes of the hash are a big-endian number whose top bit is cleared
 * (2^63 mod 333 is 80: it matters), taken modulo the number of emojis. Folding byte by byte keeps
 * every intermediate value below 333 * 256, so it is exact without 64-bit integers.
 * @internal
 */
export function emojiIndices(hash: Uint8Array): [number, number, number, number] {
  checkBytes('hash', hash, badArgument);
  checkLength('hash', hash, 32, badArgument);
  const index = (first: number): number => {
    let rest = hash[first]! & 0x7f;
    for (let i = 1; i < 8; i++) rest = (rest * 256 + hash[first + i]!) % EMOJIS.length;
    return rest;
  };
  return [index(0), index(8), index(16), index(24)];
}

/**
 * The emojis of a 32-byte hash. In a call the hash is SHA-256 of the key and g_a, and the exchange
 * does this for you: see `emojis()` there.
 *
 * @param hash 32 bytes; not kept
 * @throws {CallError} `bad-argument`
 * @example
 * emojiFingerprint(new Uint8Array(32)).join(' '); // '😉 😉 😉 😉'
 */
export function emojiFingerprint(hash: Uint8Array): EmojiFingerprint {
  const [a, b, c, d] = emojiIndices(hash);
  return [EMOJIS[a]!, EMOJIS[b]!, EMOJIS[c]!, EMOJIS[d]!];
}
