// The main job: two people hold an encrypted call. See options.mjs for what it can do.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { parseOptions, USAGE, UsageError } from './options.mjs';
import { Screen } from './screen.mjs';
import { FILES, Session } from './session.mjs';
import { readWav, WavError } from './wav.mjs';

const EXIT_FAILED = 1;
const EXIT_BAD_INPUT = 2;
const EXIT_INTERRUPTED = 130;
const IMPATIENT_MS = 500;
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM']);

/** @returns {Promise<number>} the exit code */
async function main() {
  // Under `npm start` the working directory is the package; relative names are meant from where the
  // user is.
  const { npm_lifecycle_event: script, INIT_CWD: origin } = process.env;
  const folder = script === 'start' && origin ? origin : process.cwd();
  const options = parseOptions(process.argv.slice(2), folder);
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { pcm, format } = readWav(options.input);
  const screen = new Screen(options.json ? process.stderr : process.stdout);
  const session = new Session(options, pcm, screen);
  let interrupted = 0;
  const interrupt = () => {
    // Under npm one Ctrl-C comes twice, from the terminal and from npm; a later one means it.
    if (interrupted === 0) void session.stop();
    else if (performance.now() - interrupted > IMPATIENT_MS) process.exit(EXIT_INTERRUPTED);
    interrupted ||= performance.now();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  screen.line(screen.bold('sottovoce: an end-to-end encrypted call'));
  screen.line();
  const seconds = (pcm.length / 48000).toFixed(1);
  const kind = `${format.rate} Hz ${format.channels === 1 ? 'mono' : 'stereo'}`;
  screen.row('speech', `${basename(options.input)}, ${seconds} s, ${kind}`);
  try {
    const { report, exitCode } = await session.run();
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    return exitCode;
  } catch (error) {
    if (interrupted === 0) throw error;
    screen.line();
    const { received, receivedBack } = FILES;
    const kept = existsSync(received) ? ` So far received: ${received}, ${receivedBack}.` : '';
    screen.line(`Stopped.${kept}`);
    return EXIT_INTERRUPTED;
  } finally {
    screen.endLive();
    await session.stop();
    for (const signal of SIGNALS) process.removeListener(signal, interrupt);
  }
}

// Whoever reads the output may stop reading.
process.stdout.on('error', () => process.exit(EXIT_FAILED));

try {
  process.exitCode = await main();
} catch (error) {
  const { message } = /** @type {Error} */ (error);
  if (error instanceof UsageError) {
    process.stderr.write(`sottovoce: ${message} (--help shows the options)\n`);
    process.exitCode = EXIT_BAD_INPUT;
  } else if (error instanceof WavError) {
    process.stderr.write(`sottovoce: ${message}\n`);
    process.exitCode = EXIT_BAD_INPUT;
  } else {
    process.stderr.write(`sottovoce: the call failed: ${message}\n`);
    process.exitCode = EXIT_FAILED;
  }
}
