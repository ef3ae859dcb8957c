// A real TLS server on loopback answers our ClientHello, and reads the name in it.
import { connect, createServer as createPlainServer } from 'node:net';
import { createServer } from 'node:tls';
import { once } from 'node:events';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto, systemRandom } from 'sottovoce/crypto';
import {
  FakeTlsClient,
  FakeTlsServer,
  IntermediateEnvelope,
  ObfuscatedClient,
  ObfuscatedServer,
} from 'sottovoce/mtproto/transport';
import certificate from '../fixtures/tls/localhost.json' with { type: 'json' };

const tls = suite('mtproto/fake-tls, with node:tls');
const crypto = createCrypto();
const secret = new Uint8Array(16).fill(3);

tls('a TLS server answers our hello with a ServerHello of TLS 1.3, and reads the SNI', async () => {
  const names = [];
  const server = createServer({
    key: certificate.key,
    cert: certificate.certificate,
    SNICallback(name, done) {
      names.push(name);
      done(null);
    },
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  const errors = [];
  server.on('tlsClientError', (error) => errors.push(error));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  for (let i = 0; i < 4; i++) {
    const domain = `site-${i}.example.org`;
    const unixTime = Math.floor(Date.now() / 1000);
    const client = new FakeTlsClient(crypto, { secret, domain, unixTime, random: systemRandom });
    const socket = connect(port, '127.0.0.1');
    socket.write(client.hello);
    let answer = Buffer.alloc(0);
    while (answer.length < 128) {
      const [chunk] = await once(socket, 'data');
      answer = Buffer.concat([answer, chunk]);
    }
    assert.equal([...answer.subarray(0, 3)], [22, 3, 3], 'a handshake record');
    assert.is(answer[5], 2, 'ServerHello');
    const session = client.hello.subarray(43, 76);
    assert.equal([...answer.subarray(43, 76)], [...session], 'which repeats our session id');
    assert.ok(answer.includes(Buffer.from([0, 0x2b, 0, 2, 3, 4])), 'TLS 1.3');
    client.decode(answer);
    assert.is(client.failure === null && client.open, false, 'and is no proxy of ours');
    socket.destroy();
    client.close();
  }
  server.close();
  assert.equal(
    names,
    ['site-0', 'site-1', 'site-2', 'site-3'].map((name) => `${name}.example.org`),
  );
  assert.equal(
    errors.filter(({ code }) => code !== 'ECONNRESET'),
    [],
    'the hello was well formed',
  );
});

tls('the whole stack over TCP: fake TLS, obfuscation, envelopes', async () => {
  const server = createPlainServer((socket) => {
    const outer = new FakeTlsServer(crypto, { secret, now: () => Date.now() / 1000 });
    const hidden = new ObfuscatedServer(crypto, { secret });
    const envelope = new IntermediateEnvelope({ role: 'server' });
    socket.on('data', (chunk) => {
      const data = outer.decode(chunk); // a Buffer
      const answer = outer.takeAnswer();
      if (answer) socket.write(answer);
      for (const event of envelope.decode(hidden.decrypt(data))) {
        if (event.type !== 'packet') continue;
        socket.write(outer.encode(hidden.encrypt(envelope.encode(event.payload))));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const unixTime = Math.floor(Date.now() / 1000);
  const outer = new FakeTlsClient(crypto, { secret, domain: 'localhost', unixTime });
  const hidden = new ObfuscatedClient(crypto, { envelope: 'intermediate', secret });
  const envelope = new IntermediateEnvelope();
  const socket = connect(port, '127.0.0.1');
  socket.write(outer.hello);
  const payload = new Uint8Array(9000).fill(5);
  const echoed = await new Promise((done) => {
    let sent = false;
    socket.on('data', (chunk) => {
      const data = outer.decode(chunk);
      if (!sent && outer.open) {
        sent = true;
        socket.write(outer.encode(hidden.header));
        socket.write(outer.encode(hidden.encrypt(envelope.encode(payload))));
      }
      for (const event of envelope.decode(hidden.decrypt(data))) done(event);
    });
  });
  assert.equal(echoed, { type: 'packet', payload, quickAck: false });
  socket.destroy();
  server.close();
});

tls.run();
