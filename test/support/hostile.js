// What an attacker does to bytes. Every mutation differs from what it was made of.

/** @param {Uint8Array} a @param {Uint8Array} b */
export const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

const EDGES = [0, 1, 2, 3, 4, 5, 0x7f, 0x80, 0xfe, 0xff];

/**
 * A changed copy: bits, edge values, cut, grown, pieces moved, or nothing of it left.
 * @param {{ int(limit: number): number, bytes(length: number): Uint8Array }} random
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function mutate(random, bytes) {
  for (;;) {
    const changed = once(random, bytes.slice());
    const result = random.int(3) === 0 ? once(random, changed) : changed;
    if (!same(result, bytes)) return result;
  }
}

function once(random, bytes) {
  const { length } = bytes;
  const at = random.int(Math.max(1, length));
  switch (length === 0 ? 7 : random.int(9)) {
    case 0:
      bytes[at] ^= 1 << random.int(8);
      return bytes;
    case 1:
      bytes[at] = EDGES[random.int(EDGES.length)];
      return bytes;
    case 2: // a length or a number with an edge value
      for (let i = 0; i < 4 && at + i < length; i++) bytes[at + i] = EDGES[random.int(10)];
      return bytes;
    case 3:
      return bytes.slice(0, at);
    case 4: {
      const grown = new Uint8Array(length + 1 + random.int(40));
      grown.set(bytes);
      return grown;
    }
    case 5: {
      const from = random.int(length);
      bytes.copyWithin(at, from, from + random.int(length - from + 1));
      return bytes;
    }
    case 6:
      bytes.fill(EDGES[random.int(EDGES.length)], at, at + random.int(20));
      return bytes;
    case 7:
      return random.bytes(random.int(120));
    default:
      bytes.set(random.bytes(Math.min(length - at, random.int(16))), at);
      return bytes;
  }
}
