// Factors of a public 64-bit number: Pollard's rho as R. P. Brent runs it ("An improved Monte Carlo
// factorization algorithm", 1980), on Montgomery products. Nothing here is secret; the tries are bounded.

/** High half of a product of 64-bit words. */
// @ts-ignore: decorator
@inline
function multiplyHigh(a: u64, b: u64): u64 {
  const al = a & 0xffffffff, ah = a >> 32;
  const bl = b & 0xffffffff, bh = b >> 32;
  const low = al * bl;
  const middle = ah * bl + (low >> 32);
  const other = al * bh + (middle & 0xffffffff);
  return ah * bh + (middle >> 32) + (other >> 32);
}

/** a * b / 2^64 mod n, for odd n < 2^63; `inverse` is -1/n mod 2^64. */
// @ts-ignore: decorator
@inline
function multiply(a: u64, b: u64, n: u64, inverse: u64): u64 {
  const low = a * b;
  const sum = multiplyHigh(a, b) + multiplyHigh(low * inverse, n) + u64(low != 0);
  return sum >= n ? sum - n : sum;
}

function negativeInverse(n: u64): u64 {
  let x = n; // right to 3 bits
  for (let i = 0; i < 5; i++) x *= 2 - n * x;
  return 0 - x;
}

/** 2^64 mod n: one in Montgomery form. */
// @ts-ignore: decorator
@inline
function one(n: u64): u64 {
  return (0 - n) % n;
}

/** Whether n < 2^63 is prime: Miller-Rabin with the first twelve primes, which is exact below 3.3e24. */
function isPrime(n: u64): bool {
  if (n < 4) return n > 1;
  if (!(n & 1)) return false;
  const inverse = negativeInverse(n);
  const unit = one(n);
  const s = ctz<u64>(n - 1);
  const d = (n - 1) >> s;
  for (let a: u64 = 2; a <= 37; a++) {
    if (a > 2 && (a % 2 == 0 || (a > 3 && a % 3 == 0) || a == 25 || a == 35)) continue;
    if (n == a) return true;
    if (n % a == 0) return false;
    let base: u64 = 0;
    for (let i: u64 = 0; i < a; i++) {
      base += unit;
      if (base >= n) base -= n;
    }
    let x = unit;
    for (let bits = d; bits > 0; bits >>= 1) {
      if (bits & 1) x = multiply(x, base, n, inverse);
      base = multiply(base, base, n, inverse);
    }
    let passes = x == unit || x == n - unit;
    for (let i: u64 = 1; i < s && !passes; i++) {
      x = multiply(x, x, n, inverse);
      passes = x == n - unit;
    }
    if (!passes) return false;
  }
  return true;
}

function gcd(a: u64, b: u64): u64 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/** Steps between two greatest common divisors. */
const BATCH: u32 = 128;
/** A factor below 2^32 takes some 10^5 steps; ten times that does not happen. */
const LIMIT: u32 = 1 << 20;

// @ts-ignore: decorator
@inline
function next(y: u64, c: u64, n: u64, inverse: u64): u64 {
  const z = multiply(y, y, n, inverse) + c;
  return z >= n ? z - n : z;
}

/** A factor of an odd composite n found with x^2 + c, or n when the tries are used up. */
function rho(n: u64, c: u64): u64 {
  const inverse = negativeInverse(n);
  let y: u64 = one(n);
  let x = y, before = y;
  let product = y;
  let found: u64 = 1;
  let steps: u32 = 0;
  for (let run: u32 = 1; found == 1 && steps < LIMIT; run <<= 1) {
    x = y;
    for (let i: u32 = 0; i < run; i++) y = next(y, c, n, inverse);
    for (let done: u32 = 0; done < run && found == 1; done += BATCH) {
      before = y;
      const count = min(BATCH, run - done);
      for (let i: u32 = 0; i < count; i++) {
        y = next(y, c, n, inverse);
        product = multiply(product, x > y ? x - y : y - x, n, inverse);
      }
      found = gcd(product, n);
    }
    steps += run;
  }
  if (found != n && found != 1) return found;
  if (found == 1) return n;
  // Both factors fell into one batch: step through it.
  y = before;
  do {
    y = next(y, c, n, inverse);
    found = gcd(x > y ? x - y : y - x, n);
  } while (found == 1);
  return found;
}

/**
 * Splits the number at `source` (8 bytes, big-endian) into two primes p <= q, which are written to `target`
 * (two numbers of 8 bytes, big-endian). Returns 1, or 0 when the number is 2^63 or more, or is no product
 * of two primes.
 */
export function pqFactor(target: usize, source: usize): i32 {
  const n = bswap<u64>(load<u64>(source));
  if (n < 4 || n >> 63) return 0;
  let p: u64 = n & 1 ? n : 2;
  if (p == n) {
    for (let small: u64 = 3; small < 256; small += 2) {
      if (n % small == 0 && small < n) {
        p = small;
        break;
      }
    }
  }
  if (p == n) {
    if (isPrime(n)) return 0;
    // The square of a prime has no second factor for rho to find first.
    const root = <u64>(sqrt<f64>(<f64>n) + 0.5);
    if (root * root == n) p = root;
    for (let c: u64 = 1; c <= 8 && p == n; c++) p = rho(n, c);
    if (p == n) return 0;
  }
  let q = n / p;
  if (p > q) {
    const larger = p;
    p = q;
    q = larger;
  }
  if (!isPrime(p) || !isPrime(q)) return 0;
  store<u64>(target, bswap<u64>(p));
  store<u64>(target, bswap<u64>(q), 8);
  return 1;
}
