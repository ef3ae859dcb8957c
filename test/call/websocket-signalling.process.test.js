import { request } from 'node:https';
import { connect as connectTcp, createServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket as PackageWebSocket } from 'ws';
import { Call, webSocketSignalling } from 'sottovoce/call';
import { decodeSignallingMessage, encodeSignallingMessage } from 'sottovoce/internal';
import { createRelayTicket, createRoomToken } from 'sottovoce/relay';
import { serveRelay } from 'sottovoce/relay/server';
import { connectWebSocket } from 'sottovoce/transport';
import { selfSigned } from '../support/node-certificate.js';
import { survives } from '../support/odd-values.js';

const signalling = suite('call/websocket-signalling');
const secret = Uint8Array.from({ length: 32 }, (_, i) => 5 * i);
const WebSocket = /** @type {any} */ (globalThis).WebSocket ?? PackageWebSocket;
const discard = (/** @type {number} */ duration) =>
  /** @type {const} */ ({ type: 'discard', callId: 2n ** 63n + 1n, reason: 'hangup', duration });

/** @param {string} url @param {string} token */
function open(url, token) {
  /** @type {string[]} */
  const states = [];
  /** @type {any[]} */
  const got = [];
  const end = webSocketSignalling(url, token, {
    WebSocket,
    onState: (state) => states.push(state),
  });
  end.onMessage((message) => got.push(message));
  return { end, states, got };
}

/** @param {() => boolean} condition */
async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

signalling('a message as bytes', () => {
  const protocol = {
    minLayer: 65,
    maxLayer: 92,
    udpP2p: false,
    udpReflector: true,
    libraryVersions: ['x', '2.7.7'],
  };
  const peerTag = Uint8Array.from({ length: 16 }, (_, i) => i);
  const endpoints = [
    /** @type {const} */ ({ kind: 'relay', host: '192.0.2.1', port: 9, peerTag }),
    /** @type {const} */ ({ kind: 'direct', host: '::1', port: 1 }),
  ];
  for (const message of /** @type {import('sottovoce/call').SignallingMessage[]} */ ([
    {
      type: 'request',
      callId: 2n ** 64n - 1n,
      gAHash: new Uint8Array(32).fill(4),
      protocol,
      endpoints,
    },
    { type: 'ringing', callId: 0n },
    { type: 'accept', callId: 5n, gB: new Uint8Array(256).fill(9), protocol, endpoints },
    { type: 'confirm', callId: 5n, gA: Uint8Array.of(3), keyFingerprint: -5n, protocol, endpoints },
    { type: 'signaling-data', callId: 5n, data: new Uint8Array(16_384).fill(200) },
    discard(7),
  ])) {
    const bytes = encodeSignallingMessage(message);
    assert.ok(bytes.length < 20_480, 'fits a message of the server');
    assert.equal(decodeSignallingMessage(bytes), message);
    for (let length = 0; length < bytes.length; length += 1 + (bytes.length >> 6)) {
      assert.is(decodeSignallingMessage(bytes.subarray(0, length)), null);
    }
  }
});

signalling('a call by nothing but a WebSocket relay', async () => {
  const relay = await serveRelay({ listen: ['ws://127.0.0.1:0'], secret, signalling: true });
  const origin = `ws://127.0.0.1:${relay.address.port}`;
  const token = createRoomToken(secret);
  const url = `${origin}/relay`;
  const peerTag = createRelayTicket(secret);
  const common = {
    connect: (endpoint, role, context) =>
      connectWebSocket(endpoint, role, { ...context, WebSocket }),
    endpoints: [/** @type {const} */ ({ kind: 'relay', protocol: 'websocket', url, peerTag })],
  };
  const [a, b] = [1, 2].map(() =>
    webSocketSignalling(`${origin}/signalling`, token, { WebSocket }),
  );
  const alice = await Call.outgoing({ ...common, signalling: a });
  const bob = await Call.incoming({ ...common, signalling: b });
  bob.on('state', (state) => state === 'incoming' && bob.accept());
  const active = [alice, bob].map(
    (call) =>
      new Promise((resolve) => call.on('state', (state) => state === 'active' && resolve(1))),
  );
  alice.start();
  await Promise.all(active);
  assert.equal(alice.emojis, bob.emojis);
  const ended = new Promise((resolve) =>
    bob.on('state', (state) => state === 'ended' && resolve(1)),
  );
  alice.hangUp();
  await ended;
  alice.close();
  bob.close();
  await relay.close();
});

signalling('nothing is lost or doubled over broken connections', async () => {
  const relay = await serveRelay({ listen: ['ws://127.0.0.1:0'], secret, signalling: true });
  // a proxy that cuts every connection after some bytes
  const sockets = new Set();
  const proxy = createServer((client) => {
    const server = connectTcp(relay.address.port, '127.0.0.1');
    for (const socket of [client, server]) {
      socket.on('error', () => {});
      sockets.add(socket);
    }
    client.pipe(server);
    server.pipe(client);
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    setTimeout(() => client.destroy(), 120);
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (proxy.address());
  const token = createRoomToken(secret);
  const a = open(`ws://127.0.0.1:${port}/signalling`, token);
  const b = open(`ws://127.0.0.1:${relay.address.port}/signalling`, token);
  const joins = () => a.states.filter((state) => state === 'joined').length;
  let count = 0;
  while (joins() < 3 || count < 20) {
    a.end.send(discard(count));
    b.end.send(discard(1000 + count++));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await until(() => a.got.length >= count && b.got.length >= count);
  const numbers = Array.from({ length: count }, (_, i) => i);
  assert.equal(
    b.got.map(({ duration }) => duration),
    numbers,
  );
  assert.equal(
    a.got.map(({ duration }) => duration),
    numbers.map((number) => 1000 + number),
  );
  a.end.close();
  b.end.close();
  assert.is(a.states.pop(), 'closed');
  for (const socket of sockets) socket.destroy();
  proxy.close();
  await relay.close();
});

signalling('refused, full', async () => {
  const relay = await serveRelay({ listen: ['ws://127.0.0.1:0'], secret, signalling: true });
  const url = `ws://127.0.0.1:${relay.address.port}/signalling`;
  const wrong = open(url, createRoomToken(secret.map((byte) => byte ^ 1)));
  await until(() => wrong.states.includes('refused'));
  const token = createRoomToken(secret);
  const [a, b] = [open(url, token), open(url, token)];
  await until(() => a.states.includes('joined') && b.states.includes('joined'));
  const third = open(url, token);
  await until(() => third.states.includes('full'));
  third.end.send(discard(1));
  for (const { end } of [wrong, a, b, third]) end.close();
  assert.is(relay.roomStats.joined, 2);
  assert.is(relay.roomStats.refused, 2);
  await relay.close();
});

signalling('by TLS', async () => {
  const tls = selfSigned();
  const relay = await serveRelay({ listen: ['ws://127.0.0.1:0'], secret, signalling: true, tls });
  const { port } = relay.address;
  const status = await new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/', ca: tls.cert };
    request(options, (response) => resolve(response.statusCode))
      .on('error', reject)
      .end();
  });
  assert.is(status, 426, 'the certificate is served, and is good for the address');
  class Trusting extends PackageWebSocket {
    /** @param {string} url */
    constructor(url) {
      super(url, { ca: tls.cert });
    }
  }
  const url = `wss://127.0.0.1:${port}/signalling`;
  const token = createRoomToken(secret);
  const [a, b] = [1, 2].map(() =>
    webSocketSignalling(url, token, { WebSocket: /** @type {any} */ (Trusting) }),
  );
  const arrived = new Promise((resolve) => b.onMessage(resolve));
  a.send(discard(3));
  assert.equal(await arrived, discard(3));
  a.close();
  b.close();
  await relay.close();
});

signalling('bad arguments', () => {
  const url = 'ws://127.0.0.1:1/signalling';
  const token = '0'.repeat(72);
  survives('url', (value) => webSocketSignalling(value, token, { WebSocket }).close());
  survives('token', (value) => webSocketSignalling(url, value, { WebSocket }).close());
  survives('options', (value) => webSocketSignalling(url, token, value).close());
  for (const name of ['WebSocket', 'clock', 'random', 'onState']) {
    survives(name, (value) =>
      webSocketSignalling(url, token, { WebSocket, [name]: value }).close(),
    );
  }
});

signalling.run();
