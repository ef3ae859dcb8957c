// Derives the 24 lookup tables of assembly/crypto/aes-tables.ts from the definition of AES (FIPS
// 197) and the tower field of the vector-permute method (M. Hamburg, CHES 2009), and prints them.
// test/crypto/aes-tables.test.js compares the result with what the module contains.
//
// Field: GF(16) = GF(2)[x]/(x^4 + x + 1). A byte (i << 4) | k stands for k + i*t with t^2 = a*t + a.
// phi maps the AES field to the tower: it sends x to a root beta of x^8 + x^4 + x^3 + x + 1 there.
// Inversion takes five lookups: with j = i ^ k
//   iak = inv[i] ^ ainv[k]   jak = inv[j] ^ ainv[k]   io = inv[iak] ^ j   jo = inv[jak] ^ i
// 1/io and 1/jo determine 1/g linearly, so a linear map after the inversion is two more lookups,
// one by io ("u") and one by jo ("t"). 0x80 stands for infinity: swizzle reads 0 there, 1/infinity.

const a = 2;
const beta = 0x1c;
const INFINITY = 0x80;

/** Product of polynomials over GF(2), reduced by `modulus` of the given degree. */
function multiply(x, y, modulus, degree) {
  let product = 0;
  for (; y; y >>= 1) {
    if (y & 1) product ^= x;
    x <<= 1;
    if (x >> degree) x ^= modulus;
  }
  return product;
}
const mul16 = (x, y) => multiply(x, y, 0x13, 4);
const mulAes = (x, y) => multiply(x, y, 0x11b, 8);
const inv16 = (x) => [...Array(16).keys()].find((y) => mul16(x, y) === 1) ?? 0;
const div16 = (x, y) => mul16(x, inv16(y));

/** (k1 + i1*t)(k2 + i2*t) with t^2 = a*t + a. */
function mulTower(x, y) {
  const [i1, k1, i2, k2] = [x >> 4, x & 15, y >> 4, y & 15];
  const tt = mul16(a, mul16(i1, i2));
  return ((mul16(i1, k2) ^ mul16(k1, i2) ^ tt) << 4) | (mul16(k1, k2) ^ tt);
}

const powers = [1];
while (powers.length < 8) powers.push(mulTower(powers[powers.length - 1], beta));
const linear = (images) => (x) =>
  images.reduce((sum, image, n) => sum ^ ((x >> n) & 1 && image), 0);
const inverse = (map) => {
  const table = new Uint8Array(256);
  for (let x = 0; x < 256; x++) table[map(x)] = x;
  return (x) => table[x];
};
const phi = linear(powers);
const phiInverse = inverse(phi);

/** Linear part of the S-box (FIPS 197 5.1.1): each bit plus the four bits above it, cyclically. */
const affine = (x) => {
  let y = 0;
  for (let n = 0; n < 5; n++) y ^= ((x << n) | (x >> (8 - n))) & 255;
  return y;
};
const psi = (
  (undo) => (x) =>
    phi(undo(x))
)(inverse(affine));

const nibbles = [...Array(16).keys()];
const lowHigh = (map) => [nibbles.map((n) => map(n)), nibbles.map((n) => map(n << 4))];
/** The pair of tables that apply `map` to the inverse: by io, then by jo. */
const afterInversion = (map) => {
  const u = (n) => {
    const v = inv16(n);
    return v | (div16(v ^ div16(v, a), a) << 4);
  };
  const t = (n) => div16(inv16(n), mul16(a, a)) << 4;
  return [nibbles.map((n) => map(u(n))), nibbles.map((n) => map(t(n)))];
};
const times = (factor, map) => (x) => map(mulAes(factor, phiInverse(x)));

/** The tables in the order of assembly/crypto/aes-tables.ts, by name. */
export function deriveTables() {
  const pairs = {
    inversion: [
      nibbles.map((n) => (n === 0 ? INFINITY : inv16(n))),
      nibbles.map((n) => (n === 0 ? INFINITY : div16(a, n))),
    ],
    input: lowHigh(phi),
    output: lowHigh(phiInverse),
    s1: afterInversion((x) => phi(affine(phiInverse(x)))),
    s2: afterInversion((x) => phi(mulAes(2, affine(phiInverse(x))))),
    sLast: afterInversion((x) => affine(phiInverse(x))),
    dInput: lowHigh(psi),
    d14: afterInversion(times(14, psi)),
    d11: afterInversion(times(11, psi)),
    d13: afterInversion(times(13, psi)),
    d9: afterInversion(times(9, psi)),
    dLast: afterInversion(phiInverse),
  };
  return Object.entries(pairs).flatMap(([name, [first, second]]) => [
    { name: `${name}, first`, bytes: first },
    { name: `${name}, second`, bytes: second },
  ]);
}

if (globalThis.process?.argv[1]?.endsWith('derive-aes-tables.mjs')) {
  for (const { name, bytes } of deriveTables()) {
    console.log(
      `  ${bytes.map((b) => `0x${b.toString(16).padStart(2, '0')}`).join(', ')}, // ${name}`,
    );
  }
}
