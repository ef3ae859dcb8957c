// npm run check:browser-call [-- FILTER...]: calls from Chromium to Node and to Firefox, by WebRTC data channel and by
// WebSocket relay, both ends say the demo's sentence. What is heard is compared with what was said, and
// with what the codec alone makes of it.
import './ready.mjs';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import process from 'node:process';
import { createRoomToken, createRelayTicket } from 'sottovoce/relay';
import { serveRelay } from 'sottovoce/relay/server';
import { OpusDecoder, OpusEncoder } from 'sottovoce/opus';
import { WebSocket } from 'ws';
import { compare } from '../examples/demo/quality.mjs';
import { decodeWav } from '../examples/demo/wav.mjs';
import { launch } from '../test/harness/browsers.mjs';
import { rewrite } from '../test/harness/server.mjs';
import { runEnd } from './browser-call/end.js';

const root = new URL('../', import.meta.url);
// The WebRTC stack for Node is installed on demand, beside other clients.
spawnSync(process.execPath, ['scripts/test-clients.mjs', '--install'], {
  cwd: root,
  stdio: 'ignore',
});
const SECONDS = 5;
/** A received copy may be this much less similar than what the codec alone makes of the input. */
const MAY_DIFFER = 0.08;
const LIMIT_MS = 40_000;

const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json' };
const pcm = speech();
const filters = process.argv.slice(2);
const totals = { passed: 0, failed: 0 };
const secret = crypto.getRandomValues(new Uint8Array(32));

function speech() {
  const { pcm: samples } = decodeWav(readFileSync(new URL('examples/demo/demo-speech.wav', root)));
  return samples.slice(0, SECONDS * 48_000);
}

/** What is left of the input behind encoder and decoder, with the settings of a call. */
async function codecAlone() {
  const encoder = await OpusEncoder.create();
  const decoder = await OpusDecoder.create();
  const copy = new Float32Array(pcm.length + 48_000);
  const frame = new Float32Array(960);
  for (let at = 0; at < pcm.length; at += 960) {
    frame.fill(0);
    frame.set(pcm.subarray(at, at + 960));
    copy.set(decoder.decode(encoder.encode(frame)), at);
  }
  encoder.close();
  decoder.close();
  return compare(pcm, copy).spectralSimilarity ?? 0;
}

// --- The server of the pages ---

/** By the name of a browser: the page that waits for a job, and what it has brought. */
const pages = new Map();
const pageOf = (name) => {
  if (!pages.has(name))
    pages.set(name, { jobs: [], take: undefined, heard: undefined, done: undefined });
  return pages.get(name);
};

function body(request) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve) => request.on('end', () => resolve(Buffer.concat(chunks))));
}

async function answer(request, response) {
  const { pathname, search } = new URL(request.url, 'http://localhost');
  const page = pageOf(search.slice(1));
  if (pathname === '/job') {
    page.up?.();
    const give = (job) => response.writeHead(job ? 200 : 410).end(job && JSON.stringify(job));
    if (page.jobs.length > 0) give(page.jobs.shift());
    else page.take = give;
  } else if (pathname === '/heard') {
    const bytes = await body(request);
    page.heard = new Float32Array(Uint8Array.from(bytes).buffer);
    response.end();
  } else if (pathname === '/report') {
    const report = JSON.parse((await body(request)).toString());
    response.end();
    page.done?.({ heard: page.heard, report });
  } else if (pathname === '/speech') response.end(Buffer.from(pcm.buffer));
  else if (pathname === '/') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      '<!doctype html><title>call</title><script type=module src=/scripts/browser-call/page.js></script>',
    );
  } else {
    const bytes = readFileSync(new URL(`.${decodeURIComponent(pathname)}`, root));
    response.setHeader('content-type', types[extname(pathname)] ?? 'application/octet-stream');
    response.end(/\.m?js$/.test(pathname) ? rewrite(bytes.toString()) : bytes);
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(404).end(String(error)));
});
await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

// --- The ends ---

const relay = await serveRelay({ listen: ['ws://127.0.0.1:0'], secret, signalling: true });
const origin = `ws://127.0.0.1:${relay.address.port}`;

const browsers = new Map();

/**
 * Starts a browser once, and waits until its page asks for work. Addresses on this machine are told as
 * they are: there is no mDNS here.
 */
async function browser(name) {
  if (browsers.has(name)) return;
  const up = new Promise((resolve) => {
    pageOf(name).up = resolve;
  });
  const more =
    name === 'chromium'
      ? ['--disable-features=WebRtcHideLocalIpsWithMdns', '--allow-loopback-in-peer-connection']
      : [];
  const prefs = {
    'media.peerconnection.ice.obfuscate_host_addresses': false,
    'media.peerconnection.ice.loopback': true,
  };
  const started = launch(name, `http://127.0.0.1:${port}/?name=${name}`, more, prefs);
  if (!started) throw new Error(`${name} is not installed`);
  browsers.set(name, started);
  const late = AbortSignal.timeout(LIMIT_MS);
  await new Promise((resolve, reject) => {
    up.then(resolve);
    late.onabort = () => reject(new Error(`no page in ${name}\n${started.log()}`));
  });
}

function inBrowser(name, job) {
  const page = pageOf(name);
  if (page.take) {
    page.take(job);
    page.take = undefined;
  } else page.jobs.push(job);
  return new Promise((resolve, reject) => {
    page.done = resolve;
    const late = () =>
      reject(new Error(`${name} said nothing for ${LIMIT_MS} ms\n${browsers.get(name).log()}`));
    setTimeout(late, LIMIT_MS).unref();
  });
}

async function inNode(job) {
  const packages = await import('../test/adapters/clients/packages.mjs');
  const { RTCPeerConnection } = await packages.nodeDatachannel();
  return runEnd(job, pcm, { WebSocket, RTCPeerConnection });
}

const end = (name, job) => (name === 'node' ? inNode(job) : inBrowser(name, job));

async function check(caller, callee, kind, alone) {
  const name = `${caller} to ${callee} by ${kind === 'webrtc' ? 'data channel' : 'WebSocket relay'}`;
  const started = performance.now();
  let text;
  let ok = false;
  if (!filters.every((filter) => name.includes(filter))) return;
  try {
    for (const wanted of [caller, callee]) if (wanted !== 'node') await browser(wanted);
    const endpoint =
      kind === 'webrtc'
        ? { kind }
        : {
            kind: 'relay',
            protocol: 'websocket',
            url: `${origin}/relay`,
            peerTag: [...createRelayTicket(secret)],
          };
    const token = createRoomToken(secret);
    const job = (role) => ({
      role,
      signalling: `${origin}/signalling`,
      token,
      endpoints: [endpoint],
    });
    const ends = await Promise.all([end(callee, job('callee')), end(caller, job('caller'))]);
    const failed = ends.find(({ report }) => report.failed);
    if (failed) throw new Error(failed.report.failed);
    const similarity = ends.map(
      ({ heard }) => compare(pcm, heard, { maxDelayMs: 900 }).spectralSimilarity ?? 0,
    );
    const [one, other] = ends.map(({ report }) => report);
    ok = one.emojis === other.emojis && similarity.every((value) => value >= alone - MAY_DIFFER);
    text = `heard ${similarity.map((value) => value.toFixed(3)).join(' and ')}, connected in ${other.connectMs.toFixed(0)} ms`;
    if (!ok) text += ` ${JSON.stringify([one, other])}`;
  } catch (error) {
    text = /** @type {any} */ (error).stack;
  }
  totals[ok ? 'passed' : 'failed']++;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${ok ? 'ok   ' : 'FAIL '} ${name} (${seconds} s): ${text}`);
}

const alone = await codecAlone();
console.log(`      the codec alone: ${alone.toFixed(3)}`);
for (const kind of ['webrtc', 'relay']) {
  for (const callee of ['node', 'firefox']) await check('chromium', callee, kind, alone);
}
for (const { take } of pages.values()) take?.(undefined);
for (const started of browsers.values()) await started.close();
server.close();
server.closeAllConnections();
await relay.close();
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed > 0 ? 1 : 0);
