/// <reference types="node" />
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fromHex, toHex } from '../core/hex.ts';
import { bareHost } from '../relay/listen.ts';
import { createRelayTicket, createRoomToken } from '../relay/index.ts';
import { type RelayServer, serveRelay } from '../relay/server.ts';
import { number, read } from './arguments.ts';
import { CliError, EXIT, reasonOf, usage } from './errors.ts';

const DRAIN_SECONDS = 300;
const OPTIONS = {
  listen: { type: 'string', multiple: true },
  'secret-file': { type: 'string' },
  name: { type: 'string' },
  tag: { type: 'string', multiple: true },
  signalling: { type: 'boolean' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'trust-proxy': { type: 'boolean' },
  metrics: { type: 'string' },
  'max-sessions': { type: 'string' },
  'drain-seconds': { type: 'string' },
  quiet: { type: 'boolean' },
} as const;

/** sottovoce relay, relay ticket, relay room */
export async function relay(args: readonly string[]): Promise<void> {
  if (args[0] === 'ticket') return ticket(args.slice(1));
  if (args[0] === 'room') return room(args.slice(1));
  const { values } = read('relay', args, [], OPTIONS);
  const secretFile = text(values['secret-file']);
  const tags = ((values.tag ?? []) as string[]).map(tagOf);
  if (secretFile === undefined && tags.length === 0) {
    throw usage(
      'relay: expected --secret-file, so that it serves tickets only; see "sottovoce relay --help"',
    );
  }
  const secret = secretFile === undefined ? undefined : secretOf(secretFile);
  const [cert, key] = [text(values['tls-cert']), text(values['tls-key'])];
  if ((cert === undefined) !== (key === undefined)) {
    throw usage('relay: --tls-cert and --tls-key go together');
  }
  if (values.signalling && !secret) throw usage('relay: --signalling needs --secret-file');
  const name = text(values.name);
  const metrics = text(values.metrics);
  const maxSessions = number(values, 'max-sessions', { min: 1, max: 1_000_000 }, true);
  const drainSeconds = number(values, 'drain-seconds', { min: 0, max: 86_400 }) ?? DRAIN_SECONDS;
  const listen = (values.listen as string[] | undefined) ?? ['udp://127.0.0.1:0'];
  const server = await serveRelay({
    listen,
    bases: tags,
    signalling: values.signalling === true,
    trustProxy: values['trust-proxy'] === true,
    ...(secret && { secret }),
    ...(name !== undefined && { audience: name }),
    ...(cert !== undefined && key !== undefined && { tls: { cert: file(cert), key: file(key) } }),
    ...(metrics !== undefined && { metrics: hostAndPort(metrics) }),
    ...(maxSessions !== undefined && { maxSessions }),
  }).catch((error: { code?: string; message: string }) => {
    if (error.code === 'bad-argument') throw usage(`relay: ${error.message}`);
    throw error;
  });
  secret?.fill(0);
  const say = (line: string): void => {
    if (!values.quiet) process.stdout.write(`${line}\n`);
  };
  process.stdout.on('error', () => {});
  const scheme = { udp: 'udp', tcp: 'tcp', ws: cert === undefined ? 'ws' : 'wss' };
  for (const { protocol, host, port } of server.listeners) {
    say(`listening on ${scheme[protocol]}://${host.includes(':') ? `[${host}]` : host}:${port}`);
  }
  if (server.metricsAddress) {
    const { host, port } = server.metricsAddress;
    say(`metrics on http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`);
  }
  await untilTold(server, drainSeconds, say);
  say('closed');
}

/** The first signal lets running calls end, the second one does not wait for them. */
async function untilTold(
  server: RelayServer,
  drainSeconds: number,
  say: (line: string) => void,
): Promise<void> {
  let signals = 0;
  let told = (): void => {};
  const first = new Promise<void>((resolve) => {
    told = resolve;
  });
  const onSignal = (): void => {
    signals++;
    if (signals === 1) told();
    else void server.close();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
  await first;
  say(`draining: ${server.sessions} calls, at most ${drainSeconds} s`);
  await server.drain(Math.round(1000 * drainSeconds));
  await server.close();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, onSignal);
}

function ticket(args: readonly string[]): void {
  const { values } = read('relay ticket', args, [], {
    'secret-file': { type: 'string' },
    name: { type: 'string' },
  });
  const name = text(values.name);
  const secret = secretOf(text(values['secret-file']));
  const options = name === undefined ? {} : { audience: name };
  process.stdout.write(`${toHex(createRelayTicket(secret, options))}\n`);
}

function room(args: readonly string[]): void {
  const { values } = read('relay room', args, [], {
    'secret-file': { type: 'string' },
    seconds: { type: 'string' },
  });
  const seconds = number(values, 'seconds', { min: 1, max: 30 * 86_400 }, true);
  const secret = secretOf(text(values['secret-file']));
  process.stdout.write(`${createRoomToken(secret, seconds === undefined ? {} : { seconds })}\n`);
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

function file(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CliError(EXIT.wrongInput, `${path}: cannot be read: ${reasonOf(error)}`);
  }
}

/** What is in the file, without white space around it, so that editors may end it with a line feed. */
function secretOf(path: string | undefined): Uint8Array {
  if (path === undefined) throw usage('relay: expected --secret-file');
  const bytes = file(path);
  let [start, end] = [0, bytes.length];
  const isSpace = (byte: number | undefined): boolean => byte === 10 || byte === 13 || byte === 32;
  while (start < end && isSpace(bytes[start])) start++;
  while (end > start && isSpace(bytes[end - 1])) end--;
  const secret = Uint8Array.from(bytes.subarray(start, end));
  bytes.fill(0);
  if (secret.length < 16) throw usage(`${path}: expected a secret of at least 16 bytes`);
  return secret;
}

function tagOf(hex: string): Uint8Array {
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw usage('--tag expected 32 hexadecimal digits');
  return fromHex(hex);
}

function hostAndPort(value: string): { host: string; port: number } {
  const parts = /^(\[[0-9a-f:.]+\]|[0-9.]+):([0-9]{1,5})$/i.exec(value);
  if (!parts || Number(parts[2]) > 65_535) {
    throw usage(`--metrics expected an IP address and a port, got "${value}"`);
  }
  return { host: bareHost(parts[1]!), port: Number(parts[2]) };
}
