// The 32-bit word in front of every message: bit 31 says that the message fills its packet, bit 30
// that it wants to be acknowledged, the other thirty are a counter.

const SINGLE = 0x80000000;
const NEEDS_ACK = 0x40000000;

/** The last counter of a connection. */
export const MAX_COUNTER: number = 0x3fffffff;

/** An unsigned 32-bit word. */
export function makeWord(counter: number, needsAck: boolean, single: boolean): number {
  return (counter | (needsAck ? NEEDS_ACK : 0) | (single ? SINGLE : 0)) >>> 0;
}

export function counterOf(word: number): number {
  return word & MAX_COUNTER;
}

export function needsAck(word: number): boolean {
  return (word & NEEDS_ACK) !== 0;
}

export function isSingle(word: number): boolean {
  return (word & SINGLE) !== 0;
}
