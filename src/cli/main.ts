#!/usr/bin/env node
/// <reference types="node" />
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { SottovoceError } from '../core/errors.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { CliError, EXIT, usage } from './errors.ts';
import { DECODE_HELP, ENCODE_HELP, HELP, IMPAIR_HELP, INFO_HELP, RELAY_HELP } from './help.ts';
import { impair } from './impair.ts';
import { info } from './info.ts';
import { relay } from './relay.ts';

type Command = { readonly run: (args: readonly string[]) => Promise<void>; readonly help: string };

const COMMANDS: Readonly<Record<string, Command>> = {
  encode: { run: encode, help: ENCODE_HELP },
  decode: { run: decode, help: DECODE_HELP },
  info: { run: info, help: INFO_HELP },
  relay: { run: relay, help: RELAY_HELP },
  impair: { run: impair, help: IMPAIR_HELP },
};

async function main(args: readonly string[]): Promise<void> {
  const [name = '', ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const options = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (command) {
    if (options.includes('--help') || options.includes('-h')) return say(command.help);
    return command.run(rest);
  }
  if (name === '--help' || name === '-h' || name === 'help') return say(HELP);
  if (name === '--version') {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    return say((JSON.parse(manifest) as { version: string }).version);
  }
  const what = name === '' ? 'a command is missing' : `no command "${name}"`;
  throw usage(`${what}: expected ${Object.keys(COMMANDS).join(', ')}; see "sottovoce --help"`);
}

function say(text: string): void {
  process.stdout.on('error', () => {});
  process.stdout.write(`${text}\n`);
}

process.stderr.on('error', () => {});
try {
  // An hour of audio has to flow through 100 MB. The codec is optimised on one thread instead of all (8 MB
  // less at the peak), and the young generation stays small: what this program makes is soon garbage.
  setFlagsFromString('--wasm-num-compilation-tasks=1');
  setFlagsFromString('--semi-space-growth-factor=1');
} catch {
  // a runtime that is not V8
}
try {
  await main(process.argv.slice(2));
} catch (error) {
  // One line, whatever happened; a fault of ours shows where.
  const known = error instanceof CliError || error instanceof SottovoceError;
  const text = known ? error.message : ((error as Error)?.stack ?? String(error));
  process.stderr.write(`sottovoce: ${text}\n`);
  process.exitCode = error instanceof CliError ? error.exitCode : EXIT.failed;
  process.stdin.destroy(); // do not wait for a writer that nobody listens to
}
