// Radix-2 fast Fourier transform (Cooley and Tukey 1965), in place, double precision.

/** A transform of one size. */
export class Fft {
  #size;
  #cos;
  #sin;

  /** @param {number} size a power of two */
  constructor(size) {
    this.#size = size;
    this.#cos = new Float64Array(size / 2);
    this.#sin = new Float64Array(size / 2);
    for (let i = 0; i < size / 2; i++) {
      this.#cos[i] = Math.cos((2 * Math.PI * i) / size);
      this.#sin[i] = -Math.sin((2 * Math.PI * i) / size);
    }
  }

  /** @param {Float64Array} re @param {Float64Array} im */
  forward(re, im) {
    const size = this.#size;
    for (let i = 1, j = 0; i < size; i++) {
      let bit = size >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        swap(re, i, j);
        swap(im, i, j);
      }
    }
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const c = /** @type {number} */ (this.#cos[k * step]);
          const s = /** @type {number} */ (this.#sin[k * step]);
          const a = start + k;
          const b = a + half;
          const bRe = /** @type {number} */ (re[b]);
          const bIm = /** @type {number} */ (im[b]);
          const tRe = bRe * c - bIm * s;
          const tIm = bRe * s + bIm * c;
          const aRe = /** @type {number} */ (re[a]);
          const aIm = /** @type {number} */ (im[a]);
          re[b] = aRe - tRe;
          im[b] = aIm - tIm;
          re[a] = aRe + tRe;
          im[a] = aIm + tIm;
        }
      }
    }
  }

  /** The inverse, scaled by 1 / size. @param {Float64Array} re @param {Float64Array} im */
  inverse(re, im) {
    this.forward(im, re); // exchanging the parts turns the sign of the exponent
    for (let i = 0; i < this.#size; i++) {
      re[i] = (re[i] ?? 0) / this.#size;
      im[i] = (im[i] ?? 0) / this.#size;
    }
  }
}

/** @param {Float64Array} list @param {number} i @param {number} j */
function swap(list, i, j) {
  const kept = list[i] ?? 0;
  list[i] = list[j] ?? 0;
  list[j] = kept;
}
