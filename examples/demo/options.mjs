// The command line of `npm start`.
import { fileURLToPath } from 'node:url';
import { isAbsolute, resolve } from 'node:path';
import { NETWORK_NAMES } from 'sottovoce/emulation';

/** A command line that cannot be obeyed; the message is one line for the user. */
export class UsageError extends Error {
  name = 'UsageError';
}

/**
 * @typedef {object} Options
 * @property {string} input path of the WAV file
 * @property {number} loss per cent of the datagrams that the network loses, in each direction
 * @property {string | null} network a named network instead, in real time
 * @property {number} bitrate bit/s of the voice codec
 * @property {boolean} direct without a relay
 * @property {number} speed media time runs so many times faster than the wall clock
 * @property {boolean} json one JSON object on standard output, all else on standard error
 * @property {'none' | 'relay' | 'commitment'} attack what the man in the middle does
 * @property {boolean} help
 */

export const USAGE = `npm start -- [options]

Two people hold an encrypted call over loopback UDP, through a relay that cannot read it.

  --input FILE.wav       what is spoken (default: the bundled speech)
  --loss PERCENT         the network loses so many of the datagrams, 0 to 90
  --network NAME         good-wifi, bad-wifi, bus-3g, train or satellite, instead of --loss and
                         --speed; writes out/report.html
  --bitrate RATE         of the voice codec in bit/s, 6000 to 510000, or 6k to 510k (default 24k)
  --direct               without a relay
  --speed [FACTOR]       faster than real time, 1 to 50 (10 without a value)
  --json                 one JSON object on standard output, all else on standard error
                         (npm adds a heading of its own: npm start --silent -- --json)
  --attack               a man in the middle holds signalling and relay: exit code 3
  --attack commitment    he swaps g_a after the commitment: exit code 4
  --help                 this text

Writes out/received.wav, out/received-back.wav and out/report.json.
Exit codes: 0 good, 1 failed, 2 bad input, 3 the emojis differ, 4 the commitment was broken, 130 Ctrl-C.
`;

const BUNDLED = fileURLToPath(new URL('demo-speech.wav', import.meta.url));
const SPEED_WITHOUT_VALUE = 10;

/**
 * @param {readonly string[]} args
 * @param {string} [folder] what a relative --input is relative to
 * @returns {Options}
 * @throws {UsageError}
 */
export function parseOptions(args, folder = process.cwd()) {
  /** @type {Options} */
  const options = {
    input: BUNDLED,
    loss: 0,
    network: null,
    bitrate: 24_000,
    direct: false,
    speed: 1,
    json: false,
    attack: 'none',
    help: false,
  };
  const rest = args.flatMap(splitAssignment);
  const seen = new Set();
  while (rest.length > 0) {
    const name = /** @type {string} */ (rest.shift());
    if (seen.has(name)) throw new UsageError(`${name} is given twice`);
    seen.add(name);
    const hasValue = rest.length > 0 && !rest[0]?.startsWith('--');
    const value = () => {
      if (!hasValue || rest[0] === '') throw new UsageError(`${name} needs a value`);
      return /** @type {string} */ (rest.shift());
    };
    switch (name) {
      case '--input': {
        const path = value();
        options.input = isAbsolute(path) ? path : resolve(folder, path);
        break;
      }
      case '--loss':
        options.loss = number(name, value().replace(/%$/, ''), 0, 90, 'a percentage');
        break;
      case '--network':
        options.network = network(value());
        break;
      case '--bitrate':
        options.bitrate = bitrate(value());
        break;
      case '--direct':
        options.direct = true;
        break;
      case '--speed':
        options.speed = hasValue
          ? number(name, value().replace(/x$/, ''), 1, 50, 'a factor')
          : SPEED_WITHOUT_VALUE;
        break;
      case '--json':
        options.json = true;
        break;
      case '--attack':
        options.attack = hasValue ? attack(value()) : 'relay';
        break;
      case '--help':
      case '-h':
        options.help = true;
        break;
      default:
        throw new UsageError(
          name.startsWith('-') ? `unknown option ${name}` : `unexpected argument "${name}"`,
        );
    }
  }
  for (const other of ['--loss', '--speed', '--attack']) {
    if (seen.has('--network') && seen.has(other)) {
      throw new UsageError(`--network excludes ${other}`);
    }
  }
  if (options.attack !== 'none' && options.direct) {
    throw new UsageError('--attack needs the relay: leave out --direct');
  }
  return options;
}

/** `--name=value` is `--name value`. @param {string} arg @returns {string[]} */
function splitAssignment(arg) {
  const at = arg.indexOf('=');
  return arg.startsWith('--') && at > 0 ? [arg.slice(0, at), arg.slice(at + 1)] : [arg];
}

/**
 * @param {string} name @param {string} text @param {number} min @param {number} max
 * @param {string} what
 * @returns {number}
 */
function number(name, text, min, max, what) {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new UsageError(`${name} expected ${what} from ${min} to ${max}, got "${text}"`);
  }
  return value;
}

/** @param {string} text @returns {number} */
function bitrate(text) {
  const match = /^(\d+(?:\.\d+)?)(k?)$/i.exec(text);
  const value = match ? Math.round(Number(match[1]) * (match[2] ? 1000 : 1)) : Number.NaN;
  if (!(value >= 6000 && value <= 510_000)) {
    throw new UsageError(`--bitrate expected 6000 to 510000 bit/s (or 6k to 510k), got "${text}"`);
  }
  return value;
}

/** @param {string} text @returns {string} */
function network(text) {
  if (/** @type {readonly string[]} */ (NETWORK_NAMES).includes(text)) return text;
  throw new UsageError(`--network expected ${NETWORK_NAMES.join(', ')}, got "${text}"`);
}

/** @param {string} text @returns {'commitment'} */
function attack(text) {
  if (text === 'commitment') return text;
  throw new UsageError(`--attack expected nothing or "commitment", got "${text}"`);
}
