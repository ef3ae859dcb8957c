// Node's Buffer is a Uint8Array whose slice() is a view: inputs of that kind are neither changed nor kept.
import { Buffer } from 'node:buffer';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CalleeExchange, CallerExchange } from 'sottovoce/call';
import { createCrypto, DH_PRIME } from 'sottovoce/crypto';
import { bindTempAuthKey, openBindTempAuthKey, rsaPublicKey, SrpServer } from 'sottovoce/mtproto';
import {
  FakeTlsClient,
  FakeTlsServer,
  ObfuscatedClient,
  ObfuscatedServer,
} from 'sottovoce/mtproto/transport';
import { loopbackPair } from 'sottovoce/transport';
import { prng } from './support/prng.js';

const buffers = suite('buffers');
const crypto = createCrypto();
const source = prng(0xbf);
const buffer = (length) => Buffer.from(source.bytes(length));

/** Calls with Buffers, which must be as before. */
function unchanged(inputs, use) {
  const before = inputs.map((input) => Uint8Array.from(input));
  const result = use(...inputs);
  for (const [i, input] of inputs.entries()) {
    assert.equal(Uint8Array.from(input), before[i], `argument ${i}`);
  }
  return result;
}

buffers('primitives leave their inputs as they were', () => {
  const [key, iv, data] = [buffer(32), buffer(32), buffer(64)];
  unchanged([key, iv, data], (...args) => crypto.aesIgeEncrypt(args[0], args[1], args[2]));
  unchanged([key, iv, data], (a, b, c) => {
    const stream = crypto.createAesIge(a, b);
    stream.encrypt(c);
    stream.close();
  });
  unchanged([key, iv, data], (a, b, c) => {
    const stream = crypto.createAesCbc(a, b.subarray(0, 16));
    stream.encrypt(c);
    stream.close();
  });
  unchanged([key, data], (a, b) => crypto.hmacSha256(a, b));
  unchanged([key, iv], (a, b) => crypto.pbkdf2('sha512', a, b, 2, 64));
  unchanged([key, iv, data], (a, b, c) => crypto.hkdf('sha256', a, b, c, 64));
  unchanged([data, key], (a, b) => crypto.modExp(a, b, DH_PRIME));
  unchanged([buffer(256)], (a) => crypto.createSharedKey(a).close());
  unchanged([data, buffer(64)], (a, b) => crypto.equal(a, b));
});

buffers('transports leave their inputs as they were, and keep nothing of them', () => {
  const secret = buffer(16);
  unchanged([secret], (value) => {
    const tls = new FakeTlsClient(crypto, { secret: value, domain: 'x', unixTime: 1 });
    const server = new FakeTlsServer(crypto, { secret: value, now: () => 1 });
    unchanged([Buffer.from(tls.hello)], (hello) => server.decode(hello));
    assert.ok(server.open);
    const answer = Buffer.from(server.takeAnswer() ?? []);
    unchanged([answer], (bytes) => tls.decode(bytes));
    assert.ok(tls.open);
    tls.close();
    server.close();
    const client = new ObfuscatedClient(crypto, { envelope: 'abridged', secret: value });
    const hidden = new ObfuscatedServer(crypto, { secret: value });
    unchanged([Buffer.from(client.header)], (header) => hidden.decrypt(header));
    assert.is(hidden.envelope, 'abridged');
    client.close();
    hidden.close();
  });
});

buffers('keys, bindings and passwords', () => {
  const [one, two] = [buffer(256), buffer(256)];
  const [permanent, temporary] = [crypto.createSharedKey(one), crypto.createSharedKey(two)];
  const binding = { nonce: buffer(8), tempSessionId: buffer(8), expiresAt: 9, msgId: 4n };
  const { encryptedMessage } = bindTempAuthKey(crypto, permanent, temporary, binding);
  const opened = unchanged([Buffer.from(encryptedMessage)], (message) =>
    openBindTempAuthKey(crypto, permanent, temporary, message),
  );
  assert.equal(opened?.nonce, Uint8Array.from(binding.nonce));
  const modulus = Buffer.from(DH_PRIME);
  const key = unchanged([modulus], (n) => rsaPublicKey(crypto, n, Uint8Array.of(3)));
  modulus.fill(0);
  assert.equal(key.n, DH_PRIME, 'kept by value');
  unchanged([buffer(256)], (verifier) => {
    const algorithm = { salt1: buffer(8), salt2: buffer(8), g: 3, p: DH_PRIME };
    new SrpServer(crypto, verifier, algorithm).close();
  });
});

buffers('exchanges of calls keep values, not views', () => {
  const caller = new CallerExchange(crypto, {});
  const callee = new CalleeExchange(crypto, {});
  const hash = Buffer.from(caller.request().gAHash);
  callee.requested(hash);
  hash.fill(0);
  const { gA, keyFingerprint } = caller.accept(Buffer.from(callee.accept().gB));
  callee.confirm(Buffer.from(gA), keyFingerprint);
  assert.equal(caller.emojis(), callee.emojis());
  caller.close();
  callee.close();
});

buffers('a loopback delivers what was sent, not what became of it', async () => {
  const [a, b] = loopbackPair();
  const arrived = new Promise((done) => b.onDatagram((data) => done(Uint8Array.from(data))));
  const data = buffer(20);
  const before = Uint8Array.from(data);
  a.send(data);
  data.fill(0);
  assert.equal(await arrived, before);
  a.close();
  b.close();
});

buffers.run();
