import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveRelay } from 'sottovoce/relay/server';
import { survivesLater } from '../support/odd-values.js';
import { virtualClock } from '../support/virtual-clock.js';
import { connectUdp, openUdpSocket } from 'sottovoce/transport/udp';

const udp = suite('transport/udp');
const host = '127.0.0.1';
const peerTag = Uint8Array.from({ length: 16 }, (_, i) => i * 7);

/**
 * @param {import('sottovoce/transport').DatagramTransport} transport
 * @returns {Promise<Uint8Array>} a copy of the next datagram
 */
const next = (transport) =>
  new Promise((resolve) => transport.onDatagram((data) => resolve(Uint8Array.from(data))));

udp('two sockets, borrowed views', async () => {
  const [a, b] = await Promise.all([openUdpSocket({ host }), openUdpSocket({ host })]);
  const [toB, toA] = [a.connect(b.address), b.connect(a.address)];
  const arrived = next(toA);
  const data = Uint8Array.of(1, 2, 3, 4);
  toB.send(data.subarray(1, 3));
  data.fill(0);
  assert.equal(await arrived, Uint8Array.of(2, 3));
  await Promise.all([a.close(), b.close(), b.close()]);
  toB.send(data);
  assert.is(a.stats.sent, 1, 'a closed socket sends nothing');
});

udp('strangers do not reach a transport', async () => {
  const sockets = await Promise.all([1, 2, 3].map(() => openUdpSocket({ host })));
  const [a, b, stranger] = sockets;
  const arrived = next(a.connect(b.address));
  stranger.connect(a.address).send(Uint8Array.of(1));
  b.connect(a.address).send(Uint8Array.of(2));
  assert.equal(await arrived, Uint8Array.of(2));
  await Promise.all(sockets.map((socket) => socket.close()));
});

udp('through a relay', async () => {
  let seen = 0;
  const relay = await serveRelay({ bases: [peerTag], onDatagram: () => seen++ });
  const endpoint = { kind: /** @type {const} */ ('relay'), ...relay.address, peerTag };
  const [caller, callee] = await Promise.all([
    connectUdp(endpoint, 'caller', { host }),
    connectUdp(endpoint, 'callee', { host }),
  ]);
  const there = next(callee);
  caller.send(Uint8Array.of(5, 6, 7));
  assert.equal(await there, Uint8Array.of(5, 6, 7));
  const back = next(caller);
  callee.send(Uint8Array.of(8));
  assert.equal(await back, Uint8Array.of(8));
  assert.is(relay.stats.forwarded, 2);
  assert.is(seen, relay.stats.received);
  caller.close();
  callee.close();
  await Promise.all([relay.close(), relay.close()]);
});

udp('IPv6, where the machine has it', async () => {
  /** @type {import('sottovoce/transport/udp').UdpSocket[]} */
  const sockets = [];
  try {
    for (let i = 0; i < 2; i++) sockets.push(await openUdpSocket({ host: '::1' }));
  } catch (error) {
    assert.is(/** @type {any} */ (error).code, 'bind-failed');
    return;
  }
  const [a, b] = sockets;
  const arrived = next(b.connect({ host: '0:0:0:0:0:0:0:1', port: a.address.port }));
  a.connect(b.address).send(Uint8Array.of(9));
  assert.equal(await arrived, Uint8Array.of(9));
  await Promise.all(sockets.map((socket) => socket.close()));
});

udp('errors have codes', async () => {
  const socket = await openUdpSocket({ host });
  const { port } = socket.address;
  /** @param {() => unknown} act @returns {Promise<string>} */
  const codeOf = async (act) => {
    try {
      await act();
      return 'none';
    } catch (error) {
      return /** @type {any} */ (error).code;
    }
  };
  assert.is(await codeOf(() => openUdpSocket({ host, port })), 'bind-failed');
  assert.is(await codeOf(() => serveRelay({ host, port })), 'bind-failed');
  assert.is(await codeOf(() => openUdpSocket({ host: 'localhost' })), 'bad-argument');
  assert.is(await codeOf(() => openUdpSocket({ port: 65536 })), 'bad-argument');
  assert.is(await codeOf(() => socket.connect({ host: 'localhost', port: 1 })), 'bad-argument');
  assert.is(await codeOf(() => socket.connect({ host, port: 0 })), 'bad-argument');
  assert.is(await codeOf(() => socket.connect({ host, port: 9 })), 'none');
  assert.is(await codeOf(() => socket.connect({ host, port: 9 })), 'bad-argument');
  await socket.close();
  assert.is(await codeOf(() => socket.connect({ host, port: 10 })), 'released');
});

udp('a relay that does not answer', async () => {
  const silent = await openUdpSocket({ host }); // nobody listens to what it gets
  const endpoint = { kind: /** @type {const} */ ('relay'), ...silent.address, peerTag };
  const clock = virtualClock();
  const path = connectUdp(endpoint, 'caller', { host, clock, answerTimeoutMs: 2000 });
  const failed = path.then(
    () => 'none',
    (error) => error.code,
  );
  while (clock.pending < 2) await new Promise((resolve) => setTimeout(resolve, 1)); // it is bound
  clock.advance(2000);
  assert.is(await failed, 'no-answer');
  assert.is(clock.pending, 0, 'no hello is sent any more');
  await silent.close();
});

udp('bad input', async () => {
  const endpoint = { kind: 'direct', host, port: 9 };
  const close = async (/** @type {Promise<{ close(): unknown }>} */ open) => (await open).close();
  await survivesLater('socket', (value) => close(openUdpSocket(value)));
  for (const name of ['host', 'port', 'recvBufferSize']) {
    await survivesLater(name, (value) => close(openUdpSocket({ host, [name]: value })));
    await survivesLater(name, (value) => close(serveRelay({ host, [name]: value })));
  }
  for (const name of ['bases', 'idleMs', 'onDatagram', 'unknown']) {
    await survivesLater(name, (value) => close(serveRelay({ host, [name]: value })));
  }
  await survivesLater('server', (value) => close(serveRelay(value)));
  const connect = (/** @type {any} */ to, /** @type {any} */ options) =>
    close(connectUdp(to, 'caller', { host, ...options }));
  await survivesLater('endpoint', (value) => connect(value, {}));
  for (const name of ['kind', 'host', 'port']) {
    await survivesLater(name, (value) => connect({ ...endpoint, [name]: value }, {}));
  }
  for (const name of ['clock', 'answerTimeoutMs', 'unknown']) {
    await survivesLater(name, (value) => connect(endpoint, { [name]: value }));
  }
  const socket = await openUdpSocket({ host });
  const transport = socket.connect({ host, port: 9 });
  await survivesLater('data', async (value) => transport.send(value));
  await survivesLater('handler', async (value) => transport.onDatagram(value));
  await survivesLater('remote', async (value) => socket.connect(value));
  await socket.close();
  const relay = await serveRelay({ host });
  await survivesLater('datagram', async (value) => relay.send(value, socket.address));
  await survivesLater('to', async (value) => relay.send(new Uint8Array(1), value));
  await relay.close();
});

udp.run();
