// What a person sees. On a terminal one line at the bottom is redrawn; elsewhere it is a line now and
// then.

/** @typedef {NodeJS.WritableStream & { isTTY?: boolean, columns?: number }} Output */

const BAR = 24;
/** Share of the call between two lines where nothing can be redrawn. */
const SPARSE_STEP = 0.25;
const REDRAW_MS = 100;

/**
 * @typedef {object} Live
 * @property {number} done 0..1
 * @property {number} seconds of the call, media time
 * @property {number} total seconds
 * @property {number} bitrate bit/s of voice, both directions averaged
 * @property {number | null} pingMs
 * @property {number} loss per cent
 * @property {number | null} delayMs mouth to ear
 * @property {string} graph the delays before, drawn
 */

export class Screen {
  #output;
  #tty;
  #color;
  #liveShown = false;
  #lastDraw = -Infinity;
  #nextSparse = SPARSE_STEP;

  /** @param {Output} output */
  constructor(output) {
    this.#output = output;
    this.#tty = output.isTTY === true && process.env.TERM !== 'dumb';
    this.#color = this.#tty && !process.env.NO_COLOR;
  }

  /** @param {string} text @returns {string} */
  bold(text) {
    return this.#color ? `\x1b[1m${text}\x1b[22m` : text;
  }

  /** @param {string} text @returns {string} */
  dim(text) {
    return this.#color ? `\x1b[2m${text}\x1b[22m` : text;
  }

  /** @param {string} text @returns {string} */
  good(text) {
    return this.#color ? `\x1b[32m${text}\x1b[39m` : text;
  }

  /** @param {string} text @returns {string} */
  bad(text) {
    return this.#color ? `\x1b[1;31m${text}\x1b[22;39m` : text;
  }

  /** @param {string} [text] */
  line(text = '') {
    this.#clearLive();
    this.#output.write(`${text}\n`);
  }

  /** @param {string} text */
  heading(text) {
    this.line();
    this.line(this.bold(text));
  }

  /** @param {string} name @param {string} text */
  row(name, text) {
    this.line(`  ${this.dim(name.padEnd(16))}${text}`);
  }

  /** Redraws the line at the bottom. @param {Live} live */
  live(live) {
    const now = performance.now();
    if (this.#tty) {
      if (now - this.#lastDraw < REDRAW_MS && live.done < 1) return;
      this.#lastDraw = now;
      const width = (this.#output.columns ?? 80) - 1;
      const figures = describe(live);
      const room = Math.max(6, Math.min(BAR, width - figures.length - 4));
      const text = `  ${bar(live.done, room)}  ${figures}`;
      this.#output.write(`\r\x1b[K${text.length > width ? text.slice(0, width) : text}`);
      this.#liveShown = true;
    } else if (live.done >= this.#nextSparse) {
      this.#nextSparse = live.done >= 1 ? Infinity : nextStep(live.done);
      this.#output.write(`  ${describe(live)}\n`);
    }
  }

  /** Leaves the last state of the live line standing. */
  endLive() {
    if (this.#liveShown) this.#output.write('\n');
    this.#liveShown = false;
  }

  #clearLive() {
    if (this.#liveShown) this.#output.write('\r\x1b[K');
    this.#liveShown = false;
  }
}

/** @param {number} done @returns {number} */
function nextStep(done) {
  return (Math.floor(done / SPARSE_STEP + 1e-9) + 1) * SPARSE_STEP;
}

/** @param {number} done @param {number} width @returns {string} */
function bar(done, width) {
  const full = Math.round(Math.min(1, done) * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
}

/** @param {Live} live @returns {string} about 68 characters: a line of 80 has room for a bar */
function describe({ seconds, total, bitrate, pingMs, loss, delayMs, graph }) {
  return [
    `${seconds.toFixed(1).padStart(total.toFixed(1).length)}/${total.toFixed(1)} s`,
    `${(bitrate / 1000).toFixed(1)} kbit/s`,
    `ping ${pingMs === null ? '-' : pingMs.toFixed(1)} ms`,
    `loss ${loss.toFixed(1)}%`,
    `mouth to ear ${delayMs === null ? '-' : Math.round(delayMs)} ms${graph && ` ${graph}`}`,
  ].join('  ');
}

/** @param {number} count @param {string} word @returns {string} e.g. "1 packet", "2 packets" */
export function plural(count, word) {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}

/** @param {number} bytes @returns {string} */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}

/** @param {Uint8Array} bytes @param {number} [shown] @returns {string} the head in hexadecimal */
export function hex(bytes, shown = 5) {
  const digits = Array.from(bytes.subarray(0, shown), (b) => b.toString(16).padStart(2, '0'));
  return digits.join('') + (bytes.length > shown ? '…' : '');
}
