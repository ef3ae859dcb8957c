import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { WebSocket as PackageWebSocket } from 'ws';
import { createRelayTicket, encodeHello, encodeStreamHello, makeTag } from 'sottovoce/relay';
import { serveRelay } from 'sottovoce/relay/server';
import { connectWebSocket, openWebSocket } from 'sottovoce/transport';
import { connectTcp, openTcp } from 'sottovoce/transport/tcp';
import { connectUdp, openUdpSocket } from 'sottovoce/transport/udp';
import { selfSigned } from '../support/node-certificate.js';
import { survivesLater } from '../support/odd-values.js';

const server = suite('relay/server');
const secret = Uint8Array.from({ length: 32 }, (_, i) => 3 * i);
const WebSocket = /** @type {any} */ (globalThis).WebSocket ?? PackageWebSocket;

/** @param {import('sottovoce/transport').DatagramTransport} transport */
const next = (transport) =>
  new Promise((resolve) => transport.onDatagram((data) => resolve(Uint8Array.from(data))));

/**
 * The endpoint of a listener.
 * @param {import('sottovoce/relay/server').RelayListener} listener
 * @param {Uint8Array} peerTag
 */
function endpointOf({ protocol, host, port }, peerTag) {
  const name = host.includes(':') ? `[${host}]` : host;
  if (protocol === 'ws') {
    const url = `ws://${name}:${port}/relay`;
    return /** @type {const} */ ({ kind: 'relay', protocol: 'websocket', url, peerTag });
  }
  return /** @type {const} */ ({ kind: 'relay', protocol, host, port, peerTag });
}

/** @param {ReturnType<typeof endpointOf>} endpoint @param {'caller' | 'callee'} role */
function open(endpoint, role) {
  if (endpoint.protocol === 'websocket') return connectWebSocket(endpoint, role, { WebSocket });
  return endpoint.protocol === 'tcp' ? connectTcp(endpoint, role) : connectUdp(endpoint, role);
}

for (const [name, host] of [
  ['IPv4', '127.0.0.1'],
  ['IPv6', '[::1]'],
]) {
  server(`every transport meets every other one, ${name}`, async () => {
    const listen = ['udp', 'tcp', 'ws'].map((protocol) => `${protocol}://${host}:0`);
    const relay = await serveRelay({ listen, secret });
    for (const one of relay.listeners) {
      for (const other of relay.listeners) {
        const peerTag = createRelayTicket(secret);
        const [caller, callee] = await Promise.all([
          open(endpointOf(one, peerTag), 'caller'),
          open(endpointOf(other, peerTag), 'callee'),
        ]);
        const there = next(callee);
        caller.send(Uint8Array.of(5, 6, 7));
        assert.equal(await there, Uint8Array.of(5, 6, 7), `${one.protocol} to ${other.protocol}`);
        const back = next(caller);
        callee.send(new Uint8Array(1000).fill(8));
        assert.is((await back).length, 1000);
        caller.close();
        callee.close();
      }
    }
    assert.is(relay.stats.forwarded, 18);
    assert.is(relay.stats.opened, 9);
    assert.is(relay.sessions, 9);
    await relay.close();
  });
}

server('no ticket, no answer', async () => {
  const relay = await serveRelay({ listen: ['udp://127.0.0.1:0', 'tcp://127.0.0.1:0'], secret });
  const peerTag = createRelayTicket(Uint8Array.from(secret, (byte) => byte ^ 1));
  for (const listener of relay.listeners) {
    const endpoint = endpointOf(listener, peerTag);
    const connecting = listener.protocol === 'udp' ? connectUdp : connectTcp;
    const code = await connecting(endpoint, 'caller', { answerTimeoutMs: 50 }).then(
      () => 'open',
      (error) => error.code,
    );
    assert.is(code, 'no-answer');
  }
  assert.is(relay.stats.answered, 0);
  await relay.close();
});

server('a closed relay is noticed on a connection', async () => {
  const relay = await serveRelay({ listen: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0'], secret });
  const peerTag = createRelayTicket(secret);
  const paths = [
    await open(endpointOf(relay.listeners[0], peerTag), 'caller'),
    await open(endpointOf(relay.listeners[1], peerTag), 'callee'),
  ];
  const ends = paths.map((path) => new Promise((resolve) => path.onClose?.(() => resolve(true))));
  await relay.close();
  assert.equal(await Promise.all(ends), [true, true]);
  for (const path of paths) path.send(Uint8Array.of(1));
});

server('streams that are no streams are closed', async () => {
  const relay = await serveRelay({ listen: ['tcp://127.0.0.1:0'], secret, maxFrameBytes: 2048 });
  for (const bytes of [
    'GET / HTTP/1.1\r\n\r\n',
    Uint8Array.of(0xee, 0xee, 0xee, 0xee, 0, 0, 1, 0),
    Uint8Array.of(0xee, 0xee, 0xee, 0xee, 255, 255, 255, 255),
  ]) {
    await new Promise((resolve) => {
      const socket = connect(relay.address.port, '127.0.0.1', () => socket.write(bytes));
      socket.on('error', () => {});
      socket.on('close', resolve);
    });
  }
  await relay.close();
});

server('connections of one source are bounded', async () => {
  const relay = await serveRelay({
    listen: ['tcp://127.0.0.1:0'],
    secret,
    maxConnectionsPerSource: 2,
  });
  const open = [await openTcp(relay.address), await openTcp(relay.address)];
  const third = await openTcp(relay.address);
  await new Promise((resolve) => third.onClose?.(() => resolve(undefined)));
  for (const transport of open) transport.close();
  await relay.close();
});

server('metrics and health, and draining', async () => {
  const relay = await serveRelay({
    listen: ['udp://127.0.0.1:0', 'ws://127.0.0.1:0'],
    secret,
    metrics: { host: '127.0.0.1', port: 0 },
  });
  const origin = `http://127.0.0.1:${relay.metricsAddress?.port}`;
  const peerTag = createRelayTicket(secret);
  const path = await open(endpointOf(relay.listeners[0], peerTag), 'caller');
  const text = await (await fetch(`${origin}/metrics`)).text();
  assert.match(text, /^sottovoce_relay_sessions 1$/m);
  assert.match(text, /^sottovoce_relay_opened_total 1$/m);
  assert.match(text, /^# TYPE sottovoce_relay_received_bytes_total counter$/m);
  assert.not.match(text, /127\.0\.0\.1/);
  assert.is((await fetch(`${origin}/health`)).status, 200);
  assert.is((await fetch(`${origin}/`)).status, 404);
  assert.is((await fetch(`${origin}/health`, { method: 'POST', body: 'x' })).status, 405);
  const drained = relay.drain(60);
  assert.is((await fetch(`${origin}/health`)).status, 503);
  const late = createRelayTicket(secret);
  const code = await connectUdp(endpointOf(relay.listeners[0], late), 'caller', {
    answerTimeoutMs: 40,
  }).catch((error) => error.code);
  assert.is(code, 'no-answer', 'no new call');
  await drained;
  path.close();
  await Promise.all([relay.close(), relay.close()]);
});

server('a base that nobody uses does not keep a relay from being drained', async () => {
  const peerTag = Uint8Array.from({ length: 16 }, (_, i) => 5 * i);
  const relay = await serveRelay({ bases: [peerTag] });
  const start = Date.now();
  await relay.drain(60_000);
  assert.ok(Date.now() - start < 5000);
  assert.is(relay.sessions, 1);
  await relay.close();
});

server('a refused connection is closed, whatever the client does', async () => {
  const relay = await serveRelay({ listen: ['ws://127.0.0.1:0'], secret });
  const request =
    'GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  const target = { port: relay.address.port, host: '127.0.0.1', allowHalfOpen: true };
  const socket = connect(target, () => socket.write(request));
  socket.on('error', () => {});
  socket.resume();
  await new Promise((resolve) => socket.on('end', () => resolve(undefined)));
  await new Promise((resolve) => {
    const timer = setInterval(() => socket.write('x'), 20); // refused by a socket that is gone
    socket.on('close', () => {
      clearInterval(timer);
      resolve(undefined);
    });
  });
  await relay.close();
});

server('a ping of a WebSocket is answered', async () => {
  const relay = await serveRelay({ listen: ['ws://127.0.0.1:0'], secret });
  const url = `ws://127.0.0.1:${relay.address.port}/relay`;
  const socket = /** @type {any} */ (new PackageWebSocket(url));
  await new Promise((resolve) => socket.on('open', () => resolve(undefined)));
  const pong = new Promise((resolve) =>
    socket.on('pong', (/** @type {Uint8Array} */ data) => resolve([...data])),
  );
  socket.ping(Uint8Array.of(1, 2));
  assert.equal(await pong, [1, 2]);
  socket.terminate();
  await relay.close();
});

server('sockets of the wrong kind', async () => {
  const relay = await serveRelay({ listen: ['udp://127.0.0.1:0', 'ws://127.0.0.1:0'], secret });
  const { port } = relay.listeners[1];
  const code = (/** @type {string} */ path) =>
    openWebSocket(`ws://127.0.0.1:${port}${path}`, { WebSocket }).then(
      (transport) => transport.close(),
      (error) => error.code,
    );
  assert.is(await code('/other'), 'no-answer');
  assert.is(await code('/signalling'), 'no-answer', 'not asked for');
  assert.is((await fetch(`http://127.0.0.1:${port}/`)).status, 426);
  const socket = await openUdpSocket({ host: '127.0.0.1' });
  const transport = socket.connect(relay.address);
  transport.send(encodeStreamHello(makeTag(createRelayTicket(secret), 1)));
  transport.send(encodeHello(makeTag(createRelayTicket(secret), 1)));
  await next(transport);
  assert.is(relay.stats.opened, 1, 'the hello of a stream is none by UDP');
  await socket.close();
  await relay.close();
});

server('behind a proxy that has the certificate', async () => {
  const listen = ['ws://127.0.0.1:0'];
  const relay = await serveRelay({ listen, secret, trustProxy: true, maxConnectionsPerSource: 1 });
  const tls = selfSigned();
  const proxy = createTlsServer(tls, (outside) => {
    const inside = connect(relay.address.port, '127.0.0.1');
    for (const socket of [outside, inside]) socket.on('error', () => {});
    outside.pipe(inside);
    inside.pipe(outside);
    outside.on('close', () => inside.destroy());
    inside.on('close', () => outside.destroy());
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (proxy.address());
  const url = `wss://127.0.0.1:${port}/relay`;
  const from = (/** @type {string} */ address) =>
    /** @type {any} */ (
      class extends PackageWebSocket {
        /** @param {string} address_ */
        constructor(address_) {
          const headers = { 'X-Forwarded-For': `10.0.0.1, ${address}` };
          super(address_, { ca: tls.cert, headers });
        }
      }
    );
  const peerTag = createRelayTicket(secret);
  const endpoint = /** @type {const} */ ({ kind: 'relay', protocol: 'websocket', url, peerTag });
  const caller = await connectWebSocket(endpoint, 'caller', { WebSocket: from('192.0.2.1') });
  const callee = await connectWebSocket(endpoint, 'callee', { WebSocket: from('192.0.2.2') });
  const there = next(callee);
  caller.send(Uint8Array.of(1, 2));
  assert.equal(await there, Uint8Array.of(1, 2));
  const code = await openWebSocket(url, { WebSocket: from('192.0.2.1') }).then(
    () => 'open',
    (error) => error.code,
  );
  assert.is(code, 'no-answer', 'limits are those of the client, not of the proxy');
  const odd = await connectWebSocket(endpoint, 'caller', { WebSocket: from('192.0.2.3:5678') });
  odd.close(); // what is no address does not count: the proxy's own does
  caller.close();
  callee.close();
  await relay.close();
  proxy.close();
});

server('bad arguments', async () => {
  for (const name of ['listen', 'secret', 'audience', 'tls', 'metrics', 'bases', 'idleMs']) {
    await survivesLater(name, async (value) => {
      const relay = await serveRelay({ [name]: value });
      await relay.close();
    });
  }
  for (const options of [
    { listen: ['http://127.0.0.1:1'] },
    { listen: ['udp://localhost:1'] },
    { listen: ['udp://127.0.0.1:65536'] },
    { listen: ['udp://127.0.0.1:0'], host: '127.0.0.1' },
    { listen: ['ws://127.0.0.1:0'], tls: { cert: 'x', key: 'y' } },
    { signalling: true },
  ]) {
    const code = await serveRelay(options).catch((error) => error.code);
    assert.is(code, 'bad-argument', JSON.stringify(options));
  }
  const relay = await serveRelay({ listen: ['tcp://127.0.0.1:0'] });
  const { port } = relay.address;
  const code = await serveRelay({ listen: ['udp://127.0.0.1:0', `tcp://127.0.0.1:${port}`] }).catch(
    (error) => error.code,
  );
  assert.is(code, 'bind-failed');
  await relay.close();
});

server.run();
