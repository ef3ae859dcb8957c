// Powers by BigInt: square and multiply, not constant time.

const toBigInt = (bytes: Uint8Array): bigint => {
  let hex = '0x0';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return BigInt(hex);
};

/** base^exponent mod modulus, big-endian, 256 bytes. */
export function modExp(base: Uint8Array, exponent: Uint8Array, modulus: Uint8Array): Uint8Array {
  const m = toBigInt(modulus);
  let square = toBigInt(base) % m;
  let result = 1n % m;
  for (let e = toBigInt(exponent); e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % m;
    square = (square * square) % m;
  }
  const hex = result.toString(16).padStart(512, '0');
  return Uint8Array.from({ length: 256 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}
