// Sample rate conversion by a rational factor, piece by piece: windowed sinc in polyphase form (J. O.
// Smith, "Digital Audio Resampling"), Kaiser window (J. F. Kaiser, 1974).

const ZERO_CROSSINGS = 32;
/** About 90 dB of stop band. */
const BETA = 9;
/** More phases than this are interpolated between these many, at less than -100 dB of error. */
const MAX_PHASES = 1024;

/**
 * Converts interleaved PCM from one rate to another. No delay, no sample too many:
 * round(n * to / from) samples come out of n.
 * @internal
 */
export class Resampler {
  readonly #channels: number;
  readonly #up: number;
  readonly #down: number;
  readonly #half: number;
  readonly #phases: number;
  readonly #taps: Float32Array;
  /** Input that is still needed, from sample `#first` on. */
  #input: Float32Array;
  #first: number;
  #received = 0;
  #produced = 0;

  constructor(from: number, to: number, channels: number) {
    const divisor = gcd(from, to);
    this.#channels = channels;
    this.#up = to / divisor;
    this.#down = from / divisor;
    const stretch = Math.max(1, from / to); // the low-pass follows the lower of the two rates
    this.#half = Math.ceil(ZERO_CROSSINGS * stretch);
    this.#phases = Math.min(this.#up, MAX_PHASES);
    this.#taps = makeTaps(this.#phases, this.#half, stretch);
    this.#first = 1 - this.#half;
    this.#input = new Float32Array((this.#half - 1) * channels);
  }

  /** Takes PCM and returns what can be computed by now, owned. */
  push(pcm: Float32Array): Float32Array {
    const joined = new Float32Array(this.#input.length + pcm.length);
    joined.set(this.#input);
    joined.set(pcm, this.#input.length);
    this.#input = joined;
    this.#received += pcm.length / this.#channels;
    // Output n needs input up to floor(n * down / up) + half.
    const usable = this.#received - this.#half;
    const count = usable < 0 ? 0 : Math.ceil((usable * this.#up) / this.#down);
    return this.#produce(Math.max(0, count - this.#produced));
  }

  /** The rest, owned. */
  flush(): Float32Array {
    const total = Math.round((this.#received * this.#up) / this.#down);
    const tail = new Float32Array((this.#half + 1) * this.#channels);
    const joined = new Float32Array(this.#input.length + tail.length);
    joined.set(this.#input);
    this.#input = joined;
    return this.#produce(Math.max(0, total - this.#produced));
  }

  #produce(count: number): Float32Array {
    const channels = this.#channels;
    const width = 2 * this.#half;
    const input = this.#input;
    const taps = this.#taps;
    const output = new Float32Array(count * channels);
    let at = 0;
    for (let n = this.#produced; n < this.#produced + count; n++) {
      const position = n * this.#down;
      const centre = Math.floor(position / this.#up);
      const phase = ((position - centre * this.#up) * this.#phases) / this.#up;
      const row = Math.floor(phase);
      const between = phase - row;
      const start = (centre - this.#half + 1 - this.#first) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        let tap = row * width;
        let i = start + c;
        if (between === 0) {
          for (let k = 0; k < width; k++, i += channels) sum += input[i]! * taps[tap++]!;
        } else {
          for (let k = 0; k < width; k++, i += channels, tap++) {
            const a = taps[tap]!;
            sum += input[i]! * (a + between * (taps[tap + width]! - a));
          }
        }
        output[at++] = sum;
      }
    }
    this.#produced += count;
    const next = Math.floor((this.#produced * this.#down) / this.#up) - this.#half + 1;
    const spent = Math.min(input.length / channels, next - this.#first);
    this.#input = input.slice(spent * channels);
    this.#first += spent;
    return output;
  }
}

/** One row of 2 * half taps for each phase, and one after the last; each row has a sum of 1. */
function makeTaps(phases: number, half: number, stretch: number): Float32Array {
  const width = 2 * half;
  const rows = new Float32Array((phases + 1) * width);
  for (let phase = 0; phase <= phases; phase++) {
    const row = rows.subarray(phase * width, (phase + 1) * width);
    let total = 0;
    for (let k = 0; k < width; k++) {
      const distance = k - half + 1 - phase / phases;
      const edge = distance / half;
      const window = edge * edge < 1 ? bessel(BETA * Math.sqrt(1 - edge * edge)) : 0;
      row[k] = sinc(distance / stretch) * window;
      total += row[k]!;
    }
    for (let k = 0; k < width; k++) row[k]! /= total;
  }
  return rows;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Modified Bessel function of the first kind, order 0; the scale does not matter here. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
