import type { RandomSource } from '../../core/random.ts';

const P = 2n ** 255n - 19n;
const A = 486662n;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

/** x^3 + A x^2 + x, the right side of the curve (RFC 7748 4.1). */
const side = (x: bigint): bigint => (((x * x + A * x + 1n) % P) * x) % P;

/** The x of twice the point: (x^2 - 1)^2 / (4 (x^3 + A x^2 + x)). */
function double(x: bigint): bigint {
  const numerator = (x * x - 1n + P) % P;
  return (((numerator * numerator) % P) * power((4n * side(x)) % P, P - 2n)) % P;
}

/**
 * 32 bytes that look like an X25519 public key: the x of a point of the curve, doubled three times so
 * that it lies in the large subgroup as real keys do (transports.md 3). Nobody knows its secret; it is
 * camouflage, so plain big integers do.
 */
export function fakeX25519Share(random: RandomSource): Uint8Array {
  const bytes = new Uint8Array(32);
  for (let draws = 0; draws < 64; draws++) {
    random(bytes);
    let x = 0n;
    for (const byte of bytes) x = (x << 8n) | BigInt(byte);
    x %= P;
    if (x < 2n || power(side(x), (P - 1n) / 2n) !== 1n) continue;
    for (let i = 0; i < 3; i++) x = double(x);
    for (let i = 0; i < 32; i++, x >>= 8n) bytes[i] = Number(x & 255n);
    break;
  }
  return bytes;
}
