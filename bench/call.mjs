// npm run bench:call [-- --json FILE] [--only call|relay] [--seconds 4] [--rounds 3] [--smoke]
// What a call costs: CPU time of a frame of 20 ms on its way out (encode, seal, send) and in (receive, open,
// decode), memory; and what a relay costs: packets delivered from peer to peer for a CPU second of the relay
// process, beside coturn with both peers on allocations, the added latency, and memory of a session.
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  createCallCore,
  PacketConnection,
  parseRtp,
  systemClock,
  writeRtpHeader,
} from 'sottovoce/call';
import { OpusDecoder, OpusEncoder, ownEngine } from 'sottovoce/opus';
import { createRelayTicket, encodePing, makeTag, RelayCore } from 'sottovoce/relay';
import { coturn, direct, load, ownRelay } from './lib/relay-load.mjs';
import { quantile } from './lib/rounds.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    smoke: { type: 'boolean', default: false },
  },
});
if (options.only !== undefined && !['call', 'relay'].includes(options.only)) {
  console.error('bench:call: --only expected call or relay');
  process.exit(2);
}
const seconds = options.smoke ? 0.3 : Number(options.seconds);
const rounds = options.smoke ? 1 : Number(options.rounds);
const program = fileURLToPath(new URL('../build/cli/main.js', import.meta.url));
const CALLS = 40;
/** Of all ends: half of what saturates a relay of one core. */
const BUSY = 20_000;
/** Of all ends, for latency: as many as the calls really send. */
const CALM = CALLS * 100;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const heap = () => {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** Something like speech: a voice of changing pitch and vowels, with pauses. 48 kHz, mono. */
function speech(frames) {
  const pcm = new Float32Array(960 * frames);
  let phase = 0;
  let noise = 1;
  for (let i = 0; i < pcm.length; i++) {
    const t = i / 48_000;
    const syllable =
      Math.max(0, Math.sin(2 * Math.PI * 3 * t)) * (Math.sin(0.9 * t) > -0.6 ? 1 : 0);
    phase += (120 + 30 * Math.sin(2 * t)) / 48_000;
    noise = (Math.imul(noise, 1103515245) + 12345) | 0;
    let voice = 0.02 * (noise / 2 ** 31);
    for (let k = 1; k < 20; k++) {
      const formant = 600 + 250 * Math.sin(5 * t);
      voice += Math.sin(2 * Math.PI * k * phase) / (1 + ((k * 120 - formant) / 300) ** 2) / 4;
    }
    pcm[i] = 0.5 * syllable * voice;
  }
  return pcm;
}

async function measureCall() {
  const core = createCallCore();
  const empty = core.memory.byteLength;
  const format = /** @type {const} */ ({ sampleRate: 48_000, channels: 1 });
  const engine = ownEngine(core.opus);
  const encoder = await OpusEncoder.create({
    ...format,
    bitrate: 24_000,
    application: 'voip',
    engine,
  });
  const decoder = await OpusDecoder.create({ ...format, engine });
  const key = core.crypto.createSharedKey(new Uint8Array(256).fill(3));
  const socket = createSocket('udp4');
  const sink = createSocket('udp4');
  await new Promise((resolve) => sink.bind(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = sink.address();
  /** @type {Uint8Array[]} */
  const packets = [];
  let samples = 0;
  const common = {
    key,
    channel: /** @type {const} */ ('transport'),
    mode: /** @type {const} */ ('typed'),
  };
  const clock = systemClock();
  const caller = new PacketConnection(core.crypto, {
    ...common,
    clock,
    role: 'caller',
    onMessage: () => {},
    onPacket(packet) {
      const copy = Uint8Array.from(packet);
      packets.push(copy);
      socket.send(copy, port, '127.0.0.1');
    },
  });
  const callee = new PacketConnection(core.crypto, {
    ...common,
    clock,
    role: 'callee',
    onPacket: () => {},
    onMessage(message) {
      const rtp = message.type === 'audioData' ? parseRtp(message.data) : null;
      if (rtp) samples += decoder.decode(rtp.payload).length;
    },
  });
  const frames = options.smoke ? 50 : 500;
  const pcm = speech(frames);
  const cpuUs = () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  const out = [];
  const into = [];
  let sequence = 0;
  for (let round = 0; round < 2 * rounds + 1; round++) {
    packets.length = 0;
    let start = cpuUs();
    for (let i = 0; i < frames; i++) {
      const packet = encoder.encode(pcm.subarray(960 * i, 960 * (i + 1)));
      caller.sendAudio((target) => {
        const at = writeRtpHeader(target, sequence & 0xffff, (960 * sequence) >>> 0, 1, false);
        target.set(packet, at);
        return at + packet.length;
      });
      sequence++;
      if (i % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
    out.push((cpuUs() - start) / frames);
    start = cpuUs();
    samples = 0;
    for (const packet of packets) callee.receive(packet);
    into.push((cpuUs() - start) / frames);
    if (samples !== 960 * frames) throw new Error(`${samples} samples were decoded`);
  }
  const wasmBytes = core.memory.byteLength;
  socket.close();
  sink.close();
  const sendUs = quantile(out.slice(1), 0.5);
  const receiveUs = quantile(into.slice(1), 0.5);
  return {
    encodeSealSendUs: sendUs,
    receiveOpenDecodeUs: receiveUs,
    callsPerCore: Math.floor(20_000 / (sendUs + receiveUs)),
    wasmBytesPerCall: wasmBytes,
    wasmBytesEmpty: empty,
  };
}

/** Bytes of a session with both ends bound, in a table of many. */
function measureSessions() {
  const sessions = options.smoke ? 1000 : 10_000;
  const secret = new Uint8Array(32);
  let now = 0;
  const clock = { now: () => now };
  const core = new RelayCore({ clock, secret, maxSessions: sessions, ticketsPerSecond: 1000 });
  const line = { proven: false, closed: false, send() {} };
  const before = heap();
  for (let i = 0; i < sessions; i++) {
    now += 1;
    const ticket = createRelayTicket(secret);
    for (const own of [1, 2]) {
      const ping = new Uint8Array(72);
      ping.set(encodePing(makeTag(ticket, own), 1n));
      core.receive(ping, line, `10.${i >> 12}.${(i >> 4) & 255}.${2 * (i & 15) + own}`, 1024 + i);
    }
  }
  const bytes = (heap() - before) / core.sessions;
  if (core.sessions !== sessions) throw new Error(`${core.sessions} sessions were opened`);
  return bytes;
}

async function measureRelays() {
  const open = [() => ownRelay(CALLS, program), () => coturn(CALLS), () => direct(CALLS)];
  const relays = [];
  for (const start of open) {
    const relay = await start();
    if (relay) relays.push({ relay, perCpu: [], lost: 0, latencies: [] });
    else console.error('coturn is not installed: not run (apt-get install coturn)');
  }
  for (const { relay } of relays) await load(relay, BUSY, options.smoke ? 0.1 : 1);
  for (let round = 0; round < rounds; round++) {
    for (const entry of relays) {
      const { sent, delivered, cpu } = await load(entry.relay, BUSY, seconds);
      entry.perCpu.push(delivered / cpu);
      entry.lost += sent - delivered;
    }
    for (const entry of relays) {
      const { latencies } = await load(entry.relay, CALM, Math.min(seconds, 2));
      entry.latencies.push(...latencies);
    }
  }
  const base = relays.find(({ relay }) => relay.name === 'direct');
  const result = {};
  for (const { relay, perCpu, lost, latencies } of relays) {
    relay.close();
    if (relay.name === 'direct') continue;
    const added = (p) => quantile(latencies, p) - quantile(base?.latencies ?? [0], p);
    result[relay.name] = {
      deliveredPerCpuSecond: quantile(perCpu, 0.5),
      lost,
      addedLatencyMs: { p50: added(0.5), p99: added(0.99) },
    };
  }
  return result;
}

const result = {
  node: process.version,
  cpu: cpus()[0]?.model,
  ...(options.only !== 'relay' && { call: await measureCall() }),
  ...(options.only !== 'call' && {
    sessionBytes: measureSessions(),
    packetsPerSecond: BUSY,
    relays: await measureRelays(),
  }),
};
const { call, relays, sessionBytes } = /** @type {any} */ (result);
if (call) {
  console.log(
    `encode, seal, send      ${call.encodeSealSendUs.toFixed(0)} us of CPU for 20 ms of speech at 24 kbit/s`,
  );
  console.log(`receive, open, decode   ${call.receiveOpenDecodeUs.toFixed(0)} us`);
  console.log(`calls per core          ${call.callsPerCore} (both directions of one end)`);
  console.log(
    `memory of a call        ${(call.wasmBytesPerCall / 2 ** 20).toFixed(2)} MB of WebAssembly, at most 2`,
  );
}
if (relays) {
  for (const [name, { deliveredPerCpuSecond, lost, addedLatencyMs }] of Object.entries(relays)) {
    console.log(
      `${name.padEnd(10)} ${deliveredPerCpuSecond.toFixed(0)} packets from peer to peer per CPU second, ` +
        `${lost} lost; adds ${addedLatencyMs.p50.toFixed(3)} ms (p50), ${addedLatencyMs.p99.toFixed(3)} ms (p99)`,
    );
  }
  if (relays.coturn) {
    const ratio = relays.sottovoce.deliveredPerCpuSecond / relays.coturn.deliveredPerCpuSecond;
    console.log(
      `ratio      ${ratio.toFixed(2)} delivered; ${(ratio / 2).toFixed(2)} per single forwarding (coturn forwards twice)`,
    );
  } else {
    console.log('coturn     not run: it is not installed');
  }
  console.log(`session    ${sessionBytes.toFixed(0)} bytes of memory, at most 2048`);
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
process.exit(0);
