// The numeric stages of the CELT decoder, one by one, against their definitions in plain arithmetic (RFC 6716,
// section 4.3). What they make together is the matter of `npm run check:opus`.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { prng } from '../support/prng.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** @type {Record<string, any>} */
let wasm;
/** @type {number} */
let place;

/** @param {string} entry */
async function compile(entry) {
  /** @type {Uint8Array | undefined} */
  let binary;
  const options = [
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--initialMemory',
    '4',
    '--use',
    'abort=',
  ];
  const { error, stderr } = await asc.main([entry, '-o', 'out.wasm', ...options], {
    readFile: (name) => {
      try {
        return readFileSync(root + name, 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (name, data) => {
      if (name === 'out.wasm') binary = /** @type {Uint8Array} */ (data);
    },
    listFiles: () => [],
  });
  if (error) throw new Error(stderr.toString());
  return new WebAssembly.Instance(new WebAssembly.Module(/** @type {any} */ (binary)), {}).exports;
}

/** A view of `length` floats, `offset` floats into the test's memory. */
const floats = (offset, length) => new Float32Array(wasm.memory.buffer, place + 4 * offset, length);
const address = (offset) => place + 4 * offset;

/** @param {ArrayLike<number>} actual @param {ArrayLike<number>} expected */
function close(actual, expected, tolerance, message) {
  assert.is(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
      assert.unreachable(`${message}: [${i}] is ${actual[i]}, expected ${expected[i]}`);
    }
  }
}

const windowAt = (i) => Math.sin((Math.PI / 2) * Math.sin((Math.PI / 2) * ((i + 0.5) / 120)) ** 2);

const stages = suite('opus-decoder/celt-stages');

stages.before(async () => {
  wasm = await compile('assembly/entry/celt-stages-debug.ts');
  wasm.transformInit();
  wasm.codebookInit();
  place = wasm.allocate(65536);
});

stages('the window and 2^x are right to an ulp', () => {
  const window = new Float32Array(wasm.memory.buffer, wasm.WINDOW.value, 120);
  close(
    window,
    Float32Array.from(window, (_, i) => windowAt(i)),
    6e-8,
    'window',
  );
  for (let x = -40; x <= 40; x += 0.37) {
    const exact = 2 ** Math.fround(x);
    assert.ok(Math.abs(wasm.exp2(x) - exact) <= exact * 6e-8, `2^${x}`);
  }
});

// Section 4.3.7, as a sum of cosines.
function inverseMdct(x, n) {
  const y = new Float64Array(n + 120);
  for (let i = 0; i < n + 120; i++) {
    const w = i < 120 ? windowAt(i) : i < n ? 1 : windowAt(n + 119 - i);
    const t = i + (n - 120) / 2 + 0.5 + n / 2;
    let sum = 0;
    for (let k = 0; k < n; k++) sum += x[k] * Math.cos((Math.PI / n) * t * (k + 0.5));
    y[i] = w * sum;
  }
  return y;
}

for (const lm of [0, 1, 2, 3]) {
  for (const transient of lm ? [0, 1] : [0]) {
    stages(
      `inverse MDCT and overlap, ${120 << lm} samples, ${transient ? 'short' : 'long'}`,
      () => {
        const random = prng(lm * 2 + transient);
        const size = 120 << lm;
        const blocks = transient ? 1 << lm : 1;
        const n = size / blocks;
        const expected = new Float64Array(3 * size + 120);
        floats(2000, 3 * size + 60).fill(0);
        const frames = lm === 3 ? 1 : 2; // the sum takes its time
        for (let frame = 0; frame < frames; frame++) {
          const x = Float32Array.from({ length: size }, () => random.float() - 0.5);
          floats(0, size).set(x);
          wasm.inverseMdct(place, lm, transient, address(2000 + frame * size));
          for (let block = 0; block < blocks; block++) {
            wasm.overlap(address(2000 + frame * size + block * n));
            const y = inverseMdct(
              Float32Array.from({ length: n }, (_, k) => x[k * blocks + block]),
              n,
            );
            for (let i = 0; i < y.length; i++) expected[frame * size + block * n + i] += y[i];
          }
        }
        close(floats(2000, frames * size), expected.slice(0, frames * size), 2e-5, 'signal');
      },
    );
  }
}

/** V(n, k) of section 4.3.4.2. */
function vectors(n, k) {
  /** @type {bigint[]} */
  let row = Array.from({ length: k + 1 }, (_, j) => (j === 0 ? 1n : 0n));
  for (let i = 1; i <= n; i++) {
    const next = [1n];
    for (let j = 1; j <= k; j++) next[j] = row[j] + next[j - 1] + row[j - 1];
    row = next;
  }
  return row[k];
}

/** The five steps of section 4.3.4.2. */
function pulses(n, k, index) {
  const x = [];
  let i = BigInt(index);
  for (let j = 0; j < n; j++) {
    let p = (vectors(n - j - 1, k) + vectors(n - j, k)) / 2n;
    const negative = i >= p;
    if (negative) i -= p;
    const before = k;
    p -= vectors(n - j - 1, k);
    while (p > i) {
      k--;
      p -= vectors(n - j - 1, k);
    }
    x.push(negative ? k - before : before - k);
    i -= p;
  }
  return x;
}

stages('every pulse vector of a small codebook, in order', () => {
  for (const [n, k] of [
    [2, 3],
    [3, 4],
    [5, 2],
    [4, 1],
  ]) {
    const size = Number(vectors(n, k));
    assert.is(wasm.codebookSize(n, k), size);
    for (let index = 0; index < size; index++) {
      const energy = wasm.writePulseVector(place, n, k, index);
      const x = Array.from(floats(0, n), (v) => v + 0);
      assert.equal(x, pulses(n, k, index));
      assert.is(
        energy,
        x.reduce((sum, v) => sum + v * v, 0),
      );
    }
  }
});

stages('pulse vectors of the largest codebooks', () => {
  const random = prng(4);
  for (const [n, k] of [
    [2, 128],
    [4, 128],
    [6, 88],
    [8, 36],
    [12, 16],
    [16, 12],
    [32, 7],
    [176, 4],
  ]) {
    const size = Number(vectors(n, k));
    assert.is(wasm.codebookSize(n, k) >>> 0, size);
    for (const index of [0, size - 1, random.int(size), random.int(size)]) {
      wasm.writePulseVector(place, n, k, index);
      assert.equal(
        Array.from(floats(0, n), (v) => v + 0),
        pulses(n, k, index),
        `${n}, ${k}, ${index}`,
      );
    }
  }
});

// Section 4.3.4.3, pair by pair.
function rotate(x, from, length, stride, c, s) {
  const pair = (i) => {
    const [a, b] = [x[from + i], x[from + i + stride]];
    x[from + i] = c * a - s * b;
    x[from + i + stride] = s * a + c * b;
  };
  for (let i = 0; i < length - stride; i++) pair(i);
  for (let i = length - 2 * stride - 1; i >= 0; i--) pair(i);
}

stages('spreading rotation', () => {
  const random = prng(5);
  const cases = [
    [3, 1, 1],
    [8, 1, 3],
    [16, 2, 2],
    [24, 1, 3],
    [64, 8, 5],
    [176, 1, 4],
    [96, 4, 2],
    [48, 8, 1],
  ];
  for (const [size, blocks, k] of cases) {
    for (const [spread, factor] of [
      [1, 15],
      [2, 10],
      [3, 5],
    ]) {
      const x = Float32Array.from({ length: size }, () => random.float() - 0.5);
      floats(0, size).set(x);
      wasm.spreadRotation(place, size, blocks, k, spread);
      const theta = ((size / (size + factor * k)) ** 2 * Math.PI) / 4;
      const [c, s] = [Math.cos(theta), Math.sin(theta)];
      const expected = Array.from(x);
      const length = size / blocks;
      const stride = size >= 8 * blocks ? Math.round(Math.sqrt(length)) : 0;
      for (let block = 0; block < blocks; block++) {
        if (stride) rotate(expected, block * length, length, stride, s, c);
        rotate(expected, block * length, length, 1, c, s);
      }
      close(floats(0, size), expected, 1e-6, `size ${size}, blocks ${blocks}, spread ${spread}`);
    }
  }
});

stages('Haar steps and block order undo themselves', () => {
  const random = prng(6);
  const x = Float32Array.from({ length: 96 }, () => random.float() - 0.5);
  for (const [size, stride] of [
    [96, 1],
    [48, 2],
    [12, 8],
  ]) {
    floats(0, 96).set(x);
    wasm.haar(place, size, stride);
    const [a, b] = [x[0], x[stride]];
    close(floats(0, 1), [(a + b) / Math.SQRT2], 1e-6, 'sum');
    close(floats(stride, 1), [(a - b) / Math.SQRT2], 1e-6, 'difference');
    wasm.haar(place, size, stride);
    close(floats(0, 96), x, 1e-6, 'twice');
  }
  // Block i lies in slot order[i]: as it is, or by sequency (section 4.3.4.5).
  for (const order of [
    [0, 1],
    [0, 1, 2, 3, 4, 5, 6, 7],
    [1, 0],
    [3, 0, 2, 1],
    [7, 0, 4, 3, 6, 1, 5, 2],
  ]) {
    const blocks = order.length;
    const size = 96 / blocks;
    const sequency = order[0] ? 1 : 0;
    floats(0, 96).set(x);
    wasm.separateBlocks(place, size, blocks, sequency);
    for (let i = 0; i < 96; i++) {
      assert.is(floats(order[i % blocks] * size + Math.floor(i / blocks), 1)[0], x[i]);
    }
    wasm.interleaveBlocks(place, size, blocks, sequency);
    assert.equal(Array.from(floats(0, 96)), Array.from(x));
  }
});

const taps = [
  [0.306640625, 0.2170410156, 0.1296386719],
  [0.4638671875, 0.2680664062, 0],
  [0.7998046875, 0.1000976562, 0],
];

stages('post-filter with cross-fade', () => {
  const random = prng(7);
  for (const [old, now] of [
    [
      [15, 0.1875, 0],
      [1022, 0.75, 1],
    ],
    [
      [400, 0, 2],
      [15, 0.75, 0],
    ],
    [
      [77, 0.5625, 2],
      [77, 0, 0],
    ],
    [
      [33, 0.375, 1],
      [33, 0.375, 1],
    ],
  ]) {
    const x = Float32Array.from({ length: 1100 + 480 }, () => random.float() - 0.5);
    floats(0, x.length).set(x);
    wasm.postFilter(address(1100), 480, old[0], now[0], old[1], now[1], old[2], now[2]);
    const y = Float64Array.from(x);
    /** @param {number} n @param {number[]} filter */
    const comb = (n, [period, gain, set]) => {
      const p = n - period;
      const [a, b, c] = taps[set];
      return gain * (a * y[p] + b * (y[p + 1] + y[p - 1]) + c * (y[p + 2] + y[p - 2]));
    };
    for (let i = 0; i < 480; i++) {
      const f = i < 120 ? windowAt(i) ** 2 : 1;
      y[1100 + i] += (1 - f) * comb(1100 + i, old) + f * comb(1100 + i, now);
    }
    close(floats(0, x.length), y, 2e-6, `${old} to ${now}`);
  }
});

stages('de-emphasis, decimation, interleaving, accumulation', () => {
  const random = prng(8);
  const x = Float32Array.from({ length: 960 }, () => 20000 * (random.float() - 0.5));
  const before = Float32Array.from({ length: 960 }, () => random.float() - 0.5);
  for (const channels of [1, 2]) {
    for (const decimation of [1, 2, 3, 4, 6]) {
      for (const accumulate of [0, 1]) {
        floats(0, 960).set(x);
        floats(4000, 2).set([100, -100]);
        floats(5000, 960).set(before);
        wasm.writeOutput(
          place,
          address(480),
          channels,
          480,
          address(4000),
          decimation,
          accumulate,
          address(5000),
        );
        const expected = [];
        for (let c = 0; c < channels; c++) {
          let m = c ? -100 : 100;
          for (let i = 0; i < 480; i++) {
            m = x[480 * c + i] + (27853 / 32768) * m;
            const at = (i / decimation) * channels + c;
            if (i % decimation === 0) expected[at] = m / 32768 + (accumulate ? before[at] : 0);
          }
        }
        close(
          floats(5000, expected.length),
          expected,
          1e-6,
          `${channels} channels, 1/${decimation}`,
        );
      }
    }
  }
});

stages('mid and side become left and right of unit length', () => {
  const random = prng(9);
  for (const size of [3, 8, 22]) {
    const unit = (v) => v.map((e) => e / Math.hypot(...v));
    const m = unit(Array.from({ length: size }, () => random.float() - 0.5));
    const s = unit(Array.from({ length: size }, () => random.float() - 0.5));
    const [mid, side] = [0.8, 0.6];
    floats(0, size).set(m);
    floats(100, size).set(s.map((e) => side * e));
    wasm.mergeStereo(place, address(100), size, mid);
    close(floats(0, size), unit(m.map((e, i) => mid * e - side * s[i])), 1e-6, 'left');
    close(floats(100, size), unit(m.map((e, i) => mid * e + side * s[i])), 1e-6, 'right');
  }
});

stages('folding takes one step of the generator a bin', () => {
  for (const size of [1, 3, 4, 9, 16]) {
    floats(0, size).fill(0);
    let seed = 12345;
    const noise = [];
    for (let i = 0; i < size; i++) {
      seed = (Math.imul(1664525, seed) + 1013904223) | 0;
      noise.push(seed & 0x8000 ? 1 : -1);
    }
    assert.is(wasm.fillFolded(address(100), place, size, 1, 12345), seed);
    close(
      floats(100, size),
      noise.map((v) => v / Math.sqrt(size)),
      1e-5,
      'noise',
    );
  }
});

stages('the integer cosine of a split angle', () => {
  for (let angle = 64; angle < 16384; angle += 320) {
    const exact = 32768 * Math.cos((Math.PI / 2) * (angle / 16384));
    assert.ok(Math.abs(wasm.angleCosine(angle) - exact) < 12, `${angle}`);
  }
  assert.is(wasm.angleCosine(64), 32767);
  assert.is(wasm.angleCosine(8192), 23171);
});

stages.run();
