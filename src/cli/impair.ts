/// <reference types="node" />
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import process from 'node:process';
import { systemClock } from '../core/clock.ts';
import {
  burstLoss,
  emulatedPath,
  type LinkConditions,
  NETWORK_NAMES,
  namedNetwork,
  parseCapacityTrace,
} from '../emulation/index.ts';
import { number, read } from './arguments.ts';
import { CliError, EXIT, reasonOf, usage } from './errors.ts';

const OPTIONS = {
  listen: { type: 'string' },
  to: { type: 'string' },
  network: { type: 'string' },
  delay: { type: 'string' },
  jitter: { type: 'string' },
  loss: { type: 'string' },
  burst: { type: 'string' },
  rate: { type: 'string' },
  trace: { type: 'string' },
  queue: { type: 'string' },
  codel: { type: 'boolean' },
  reorder: { type: 'string' },
  duplicate: { type: 'string' },
  corrupt: { type: 'string' },
  seed: { type: 'string' },
  quiet: { type: 'boolean' },
} as const;
const IMPAIRMENTS = [
  'delay',
  'jitter',
  'loss',
  'burst',
  'rate',
  'trace',
  'queue',
  'codel',
] as const;
const MORE = ['reorder', 'duplicate', 'corrupt'] as const;

/** Senders that are told apart, and how long one is remembered that is silent. */
const MAX_CLIENTS = 64;
const IDLE_MS = 120_000;
const MAX_MS = 60_000;
const REORDER_MS = 40;

type Values = ReturnType<typeof read>['values'];
type Address = { readonly host: string; readonly port: number };
type Client = {
  readonly upstream: Socket;
  readonly send: (data: Uint8Array) => void;
  seen: number;
};

/** sottovoce impair: a UDP forwarder that behaves like a bad network. */
export async function impair(args: readonly string[]): Promise<void> {
  const { values } = read('impair', args, [], OPTIONS);
  const to = address('to', values);
  const listen =
    values.listen === undefined ? { host: '127.0.0.1', port: 0 } : address('listen', values);
  const { forward, back } = conditions(values);
  const seed = number(values, 'seed', { min: 0, max: 2 ** 32 - 1 }, true) ?? 1;
  const clients: Map<string, Client> = new Map();
  const socket = createSocket(isIPv6(listen.host) ? 'udp6' : 'udp4');
  const clock = systemClock();

  const join = (host: string, port: number): Client => {
    const path = emulatedPath({ clock, seed: (seed + clients.size) >>> 0, forward, back });
    const [near, far] = path.ends;
    const upstream = createSocket(isIPv6(to.host) ? 'udp6' : 'udp4');
    upstream.on('error', () => {}); // what cannot be sent is lost, as on any network
    upstream.on('message', (data) => far.send(data));
    upstream.bind(0);
    far.onDatagram((data) => upstream.send(data, to.port, to.host));
    near.onDatagram((data) => socket.send(data, port, host));
    return { upstream, send: (data) => near.send(data), seen: 0 };
  };
  socket.on('message', (data, { address: host, port }) => {
    if (port === 0) return; // nothing can be sent back there
    const name = `${host} ${port}`;
    let client = clients.get(name);
    if (!client) {
      if (clients.size >= MAX_CLIENTS) return;
      client = join(host, port);
      clients.set(name, client);
    }
    client.seen = clock.now();
    client.send(data);
  });
  const sweep = setInterval(() => {
    for (const [name, { upstream, seen }] of clients) {
      if (clock.now() - seen < IDLE_MS) continue;
      upstream.close();
      clients.delete(name);
    }
  }, IDLE_MS / 4);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(listen.port, listen.host, resolve);
    });
  } catch (error) {
    clearInterval(sweep);
    throw new CliError(EXIT.failed, `impair: cannot listen: ${reasonOf(error)}`);
  }
  socket.on('error', () => {});
  const { address: host, port } = socket.address();
  process.stdout.on('error', () => {});
  if (!values.quiet) {
    process.stdout.write(`impairing udp://${isIPv6(host) ? `[${host}]` : host}:${port}\n`);
  }
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  clearInterval(sweep);
  socket.close();
  for (const { upstream } of clients.values()) upstream.close();
  process.exit(0); // datagrams that are still delayed wait on timers: nobody wants them any more
}

function address(name: 'listen' | 'to', values: Values): Address {
  const text = values[name];
  const match = typeof text === 'string' ? /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) : null;
  const port = Number(match?.[3]);
  if (!match || port > 65_535 || (name === 'to' && port === 0)) {
    const got = text === undefined ? 'nothing' : `"${String(text)}"`;
    throw usage(`impair: --${name} expected HOST:PORT, got ${got}; see "sottovoce impair --help"`);
  }
  return { host: match[1] ?? match[2]!, port };
}

function conditions(values: Values): { forward: LinkConditions; back: LinkConditions } {
  const { network } = values;
  if (network !== undefined) {
    const other = [...IMPAIRMENTS, ...MORE].find((name) => values[name] !== undefined);
    if (other) throw usage(`impair: --network says it all: leave out --${other}`);
    const named = namedNetwork(String(network));
    if (named) return named;
    throw usage(`--network expected ${NETWORK_NAMES.join(', ')}, got "${String(network)}"`);
  }
  const share = (name: string): number => (number(values, name, { min: 0, max: 100 }) ?? 0) / 100;
  const rate = number(values, 'rate', { min: 1, max: 1e6 });
  const loss = Math.min(share('loss'), 0.999);
  const jitterMs = number(values, 'jitter', { min: 0, max: MAX_MS });
  const bytes = number(values, 'queue', { min: 1, max: 1e9 }, true);
  if (rate !== undefined && values.trace !== undefined) {
    throw usage('impair: --rate and --trace exclude each other');
  }
  const capacity = typeof values.trace === 'string' ? traceOf(values.trace) : rate;
  const link: LinkConditions = {
    delayMs: number(values, 'delay', { min: 0, max: MAX_MS }) ?? 0,
    loss: burstLoss(loss, number(values, 'burst', { min: 1, max: 1000 }) ?? 1),
    reorder: { probability: share('reorder'), ms: REORDER_MS },
    duplicate: share('duplicate'),
    corrupt: share('corrupt'),
    queue: { discipline: values.codel ? 'codel' : 'tail-drop', ...(bytes && { bytes }) },
    ...(jitterMs !== undefined && { jitter: { kind: 'uniform', ms: jitterMs } }),
    ...(capacity !== undefined && { capacity }),
  };
  return { forward: link, back: link };
}

function traceOf(path: string): ReturnType<typeof parseCapacityTrace> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw usage(`${path}: ${reasonOf(error)}`);
  }
  return parseCapacityTrace(text);
}
