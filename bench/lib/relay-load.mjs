// Two ends of many calls, in this process, by a relay in another one: our relay, or two allocations of a
// TURN server with channels bound to each other (RFC 8656). Both carry the same payloads.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRelayTicket, encodePing, makeTag, writeDataFrame } from 'sottovoce/relay';

const HOST = '127.0.0.1';
/** A sealed packet of 24 kbit/s and 20 ms: 60 bytes of Opus, RTP, message, msg_key. */
export const PAYLOAD_BYTES = 100;
const TICKS_PER_SECOND = 100; // of /proc/PID/stat, on every Linux of today
const asIs = (host, _, done) => done(null, host, 4);

const bound = () =>
  new Promise((resolve) => {
    const options = { type: /** @type {const} */ ('udp4'), lookup: asIs, recvBufferSize: 1 << 22 };
    const socket = createSocket(/** @type {any} */ (options));
    socket.bind(0, HOST, () => resolve(socket));
  });

/** CPU time of a process in seconds. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Sends until `parse` finds something in an answer. */
function ask(socket, port, request, parse) {
  return new Promise((resolve, reject) => {
    const send = () => socket.send(request, port, HOST);
    const timer = setInterval(send, 200);
    const limit = setTimeout(() => reject(new Error('the relay does not answer')), 5000);
    socket.on('message', function hear(answer) {
      const found = parse(answer);
      if (!found) return;
      clearInterval(timer);
      clearTimeout(limit);
      socket.off('message', hear);
      resolve(found);
    });
    send();
  });
}

/** Our relay as a user starts it, and `calls` calls by it. */
export async function ownRelay(calls, program) {
  const folder = mkdtempSync(join(tmpdir(), 'relay-'));
  const secret = Buffer.alloc(32, 's');
  writeFileSync(join(folder, 'secret'), secret);
  const child = spawn(process.execPath, [
    program,
    'relay',
    '--listen',
    `udp://${HOST}:0`,
    '--secret-file',
    join(folder, 'secret'),
  ]);
  const port = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => reject(new Error('the relay has ended')));
    child.stdout.on('data', (text) => {
      const [, number] = /udp:\/\/[\d.]+:(\d+)/.exec(String(text)) ?? [];
      if (number) resolve(Number(number));
    });
  });
  const ends = [];
  for (let call = 0; call < calls; call++) {
    const ticket = createRelayTicket(Uint8Array.from(secret));
    for (const own of [1, 2]) {
      const socket = await bound();
      const ping = new Uint8Array(72);
      ping.set(encodePing(makeTag(ticket, own), 1n));
      const proof = await ask(
        socket,
        port,
        ping,
        (reply) => reply.length === 72 && reply.subarray(64),
      );
      ping.set(proof, 40);
      await ask(socket, port, ping, (reply) => reply.length === 64);
      const frame = new Uint8Array(24 + PAYLOAD_BYTES);
      writeDataFrame(frame, ticket, 3 - own, own, new Uint8Array(PAYLOAD_BYTES));
      ends.push({ socket, port, frame, at: 24 });
    }
  }
  const close = () => {
    for (const { socket } of ends) socket.close();
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  return { name: 'sottovoce', ends, cpu: () => cpuOf(child.pid), close };
}

const COOKIE = 0x2112a442;
function stun(type, attributes) {
  const length = attributes.reduce((sum, [, value]) => sum + 4 + value.length, 0);
  const message = Buffer.alloc(20 + length);
  message.writeUInt16BE(type, 0);
  message.writeUInt16BE(length, 2);
  message.writeUInt32BE(COOKIE, 4);
  message.writeUInt32BE(type, 16);
  let at = 20;
  for (const [name, value] of attributes) {
    message.writeUInt16BE(name, at);
    message.writeUInt16BE(value.length, at + 2);
    value.copy(message, at + 4);
    at += 4 + value.length;
  }
  return message;
}

/** The value of an attribute of a success response. */
function attributeOf(message, type, name) {
  if (message.length < 20 || message.readUInt16BE(0) !== type) return undefined;
  for (let at = 20; at + 4 <= message.length; ) {
    const length = message.readUInt16BE(at + 2);
    if (message.readUInt16BE(at) === name)
      return Buffer.from(message.subarray(at + 4, at + 4 + length));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return undefined;
}

/** coturn with one thread, and `calls` calls by it; undefined where it is not installed. */
export async function coturn(calls) {
  const probe = await bound();
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(() => resolve(undefined)));
  const child = spawn('turnserver', [
    '-n',
    '--no-auth',
    '-m',
    '1',
    `--listening-ip=${HOST}`,
    `--listening-port=${port}`,
    `--relay-ip=${HOST}`,
    '--allow-loopback-peers',
    '--no-tls',
    '--no-dtls',
    '--no-tcp',
    '--no-cli',
    '--log-file=/dev/null',
    `--pidfile=${join(tmpdir(), `turnserver-${port}.pid`)}`,
  ]);
  const missing = await new Promise((resolve) => {
    child.on('error', () => resolve(true));
    child.on('exit', () => resolve(true));
    setTimeout(() => resolve(false), 1000);
  });
  if (missing) return undefined;
  const ends = [];
  const udp = Buffer.from([17, 0, 0, 0]);
  for (let call = 0; call < calls; call++) {
    const pair = [];
    for (let i = 0; i < 2; i++) {
      const socket = await bound();
      // XOR-RELAYED-ADDRESS; the other end gives it back as XOR-PEER-ADDRESS: both are mixed with the cookie
      const relayed = await ask(socket, port, stun(0x0003, [[0x0019, udp]]), (answer) =>
        attributeOf(answer, 0x0103, 0x0016),
      );
      pair.push({ socket, relayed });
    }
    for (const [i, { socket }] of pair.entries()) {
      const channel = Buffer.from([0x40, 0, 0, 0]);
      const bind = stun(0x0009, [
        [0x000c, channel],
        [0x0012, pair[1 - i].relayed],
      ]);
      await ask(socket, port, bind, (answer) => answer.readUInt16BE(0) === 0x0109);
      const frame = Buffer.alloc(4 + PAYLOAD_BYTES);
      frame.writeUInt16BE(0x4000, 0);
      frame.writeUInt16BE(PAYLOAD_BYTES, 2);
      ends.push({ socket, port, frame, at: 4 });
    }
  }
  const close = () => {
    for (const { socket } of ends) socket.close();
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  };
  return { name: 'coturn', ends, cpu: () => cpuOf(child.pid), close };
}

/** No relay: every packet goes straight to the other end. What is left of the latency is the machine's. */
export async function direct(calls) {
  const ends = [];
  for (let call = 0; call < calls; call++) {
    const sockets = [await bound(), await bound()];
    for (const [i, socket] of sockets.entries()) {
      const { port } = sockets[1 - i].address();
      ends.push({ socket, port, frame: Buffer.alloc(PAYLOAD_BYTES), at: 0 });
    }
  }
  const close = () => {
    for (const { socket } of ends) socket.close();
  };
  return { name: 'direct', ends, cpu: () => 0, close };
}

/**
 * Sends at a steady rate from all ends in turn.
 * @returns packets that arrived, CPU seconds of the relay, and latencies in ms
 */
export async function load({ ends, cpu }, packetsPerSecond, seconds) {
  let delivered = 0;
  const latencies = [];
  for (const { socket, at } of ends) {
    socket.removeAllListeners('message');
    socket.on('message', (data) => {
      if (data.length < at + PAYLOAD_BYTES) return;
      if ((delivered++ & 7) === 0) latencies.push(performance.now() - data.readDoubleLE(at));
    });
  }
  const before = cpu();
  const start = performance.now();
  let sent = 0;
  await new Promise((resolve) => {
    const tick = () => {
      const elapsed = (performance.now() - start) / 1000;
      const due = Math.min(packetsPerSecond * Math.min(elapsed, seconds) - sent, 100);
      for (let i = 0; i < due; i++) {
        const { socket, port, frame, at } = ends[sent++ % ends.length];
        const copy = Buffer.from(frame);
        copy.writeDoubleLE(performance.now(), at);
        socket.send(copy, port, HOST);
      }
      if (elapsed < seconds) setTimeout(tick, 0.5);
      else setTimeout(resolve, 200);
    };
    tick();
  });
  return { sent, delivered, cpu: cpu() - before, latencies };
}
