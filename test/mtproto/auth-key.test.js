// The two state machines against each other, and against everything that can be wrong.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto, DH_PRIME } from 'sottovoce/crypto';
import { AuthKeyClient, AuthKeyServer, rsaPrivateKey } from 'sottovoce/mtproto';
import { authKeyMessages, insecureRandomForTests } from 'sottovoce/internal';
import vectors from '../fixtures/vectors/mtproto.json' with { type: 'json' };
import { fromHex, throwsCode } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const authKey = suite('mtproto/auth-key');
const crypto = createCrypto();
/** @type {any} */
const { n, e, d } = vectors.groups.rsa_pad;
const key = rsaPrivateKey(crypto, fromHex(n), fromHex(e), fromHex(d));
const now = () => 1_700_000_000;
const seeded = (seed) => insecureRandomForTests(prng(seed).fill);

/** A client and a server. @param {{ client?: object, server?: object }} [options] */
function pair({ client, server } = {}) {
  return {
    client: new AuthKeyClient(crypto, { keys: [key], dc: 2, random: seeded(1), ...client }),
    server: new AuthKeyServer(crypto, { keys: [key], now, random: seeded(2), ...server }),
  };
}

/** Runs the exchange; `change` may alter a message, numbered from 0: even ones are the client's. */
function run({ client, server }, change = (body, _number) => body) {
  let body = client.start();
  let accepted;
  for (let number = 0; ; number += 2) {
    const answer = server.receive(change(body, number));
    accepted = answer.result ?? accepted;
    const step = client.receive(change(answer.send, number + 1));
    if (step.result) return { made: step.result, accepted };
    body = step.send;
  }
}

function finish({ made, accepted }) {
  made.authKey.close();
  accepted.authKey.close();
}

authKey('both get the same key, salt and time', () => {
  const both = pair();
  const { made, accepted } = run(both);
  assert.equal(made.authKey.fingerprint, accepted.authKey.fingerprint);
  assert.equal(made.serverSalt, accepted.serverSalt);
  assert.is(made.serverTime, now());
  assert.is(accepted.dc, 2);
  assert.is(accepted.expiresIn, null);
  assert.ok(both.client.ended && both.server.ended);
  throwsCode('released', () => both.client.receive(new Uint8Array(4)));
  throwsCode('released', () => both.server.receive(new Uint8Array(4)));
  finish({ made, accepted });
});

authKey('a temporary key, in another data centre, with another generator', () => {
  const client = { dc: -10004, expiresIn: 86400 };
  const { made, accepted } = run(pair({ client, server: { g: 4 } }));
  assert.is(accepted.dc, -10004);
  assert.is(accepted.expiresIn, 86400);
  finish({ made, accepted });
});

authKey('the key that the server names first and the client knows is used', () => {
  const other = rsaPrivateKey(crypto, DH_PRIME, Uint8Array.of(3), Uint8Array.of(1));
  const result = run(pair({ client: { keys: [other, key] }, server: { keys: [key, other] } }));
  finish(result);
  const strange = pair({ client: { keys: [other] } });
  throwsCode('unknown-key', () => run(strange));
  assert.ok(strange.client.ended);
});

authKey('retries: with another key each time, and not for ever', () => {
  const ids = [];
  const judge = (id) => (ids.push(id.join()) < 3 ? 'retry' : 'ok');
  const { made, accepted } = run(pair({ server: { judge } }));
  assert.is(new Set(ids).size, 3);
  assert.is(ids[2], made.authKey.fingerprint.join());
  finish({ made, accepted });
  throwsCode('refused', () => run(pair({ server: { judge: () => 'retry' } })));
  throwsCode('refused', () => run(pair({ server: { judge: () => 'fail' } })));
});

const flip = (body, at) => {
  const wrong = body.slice();
  wrong[at] ^= 1;
  return wrong;
};

for (const [what, number, at, code] of /** @type {[string, number, number, string][]} */ ([
  ['constructor of resPQ', 1, 0, 'bad-message'],
  ['nonce of resPQ', 1, 4, 'nonce-mismatch'],
  ['fingerprint of resPQ', 1, 59, 'unknown-key'],
  ['nonce of req_DH_params', 2, 5, 'nonce-mismatch'],
  ['server_nonce of req_DH_params', 2, 20, 'nonce-mismatch'],
  ['p of req_DH_params', 2, 37, 'bad-pq'],
  ['fingerprint of req_DH_params', 2, 52, 'unknown-key'],
  ['RSA of req_DH_params', 2, 100, 'bad-encrypted-data'],
  ['nonce of server_DH_params_ok', 3, 4, 'nonce-mismatch'],
  ['server_nonce of server_DH_params_ok', 3, 35, 'nonce-mismatch'],
  ['start of the encrypted answer', 3, 40, 'bad-encrypted-data'],
  ['end of the encrypted answer', 3, 600, 'bad-encrypted-data'],
  ['nonce of set_client_DH_params', 4, 4, 'nonce-mismatch'],
  ['start of the encrypted data', 4, 40, 'bad-encrypted-data'],
  ['end of the encrypted data', 4, 370, 'bad-encrypted-data'],
  ['constructor of dh_gen_ok', 5, 0, 'bad-message'],
  ['nonce of dh_gen_ok', 5, 4, 'nonce-mismatch'],
  ['hash of dh_gen_ok', 5, 36, 'bad-encrypted-data'],
  ['last byte of dh_gen_ok', 5, 51, 'bad-encrypted-data'],
])) {
  authKey(`caught: ${what}`, () => {
    const both = pair();
    const change = (body, current) => (current === number ? flip(body, at) : body);
    throwsCode(code, () => run(both, change));
    assert.ok(number % 2 === 1 ? both.client.ended : both.server.ended);
    both.client.close();
    both.server.close();
  });
}

authKey('caught: messages cut anywhere', () => {
  for (const [number, ...lengths] of [
    [0, 0, 3, 4, 19],
    [1, 0, 3, 4, 19, 35, 36, 43, 55, 60],
    [2, 0, 4, 35, 36, 45, 60, 315],
    [3, 0, 4, 35, 100],
    [4, 0, 35, 100],
    [5, 0, 4, 51],
  ]) {
    for (const length of lengths) {
      const both = pair();
      const cut = (body, current) => (current === number ? body.subarray(0, length) : body);
      throwsCode('bad-message', () => run(both, cut));
      both.client.close();
      both.server.close();
    }
  }
});

/** A server whose params are replaced by the test; new_nonce is known from the client's randomness. */
function answerWith(change) {
  const newNonce = new Uint8Array(32).fill(7);
  const source = prng(3);
  let drawn = 0;
  const random = insecureRandomForTests((target) => {
    if (target.length === 32 && drawn++ === 0) target.set(newNonce);
    else source.fill(target);
  });
  const client = new AuthKeyClient(crypto, { keys: [key], dc: 2, random });
  const nonce = authKeyMessages.decodeReqPq(client.start());
  const nonces = { nonce, serverNonce: new Uint8Array(16).fill(5) };
  client.receive(authKeyMessages.encodeResPq(nonces, Uint8Array.of(13, 223), [key.fingerprint]));
  const digest = (...parts) => {
    const hash = crypto.createHash('sha1');
    for (const part of parts) hash.update(part);
    const result = hash.digest().slice();
    hash.close();
    return result;
  };
  const [h1, h2, h3] = [
    digest(newNonce, nonces.serverNonce),
    digest(nonces.serverNonce, newNonce),
    digest(newNonce, newNonce),
  ];
  const aesKey = new Uint8Array([...h1, ...h2.subarray(0, 12)]);
  const aesIv = new Uint8Array([...h2.subarray(12), ...h3, ...newNonce.subarray(0, 4)]);
  const fields = {
    ...nonces,
    g: 3,
    prime: DH_PRIME,
    gA: new Uint8Array(256).fill(9),
    serverTime: 1,
  };
  const { inner, padding = 0 } = change(fields);
  const data = inner instanceof Uint8Array ? inner : authKeyMessages.encodeServerDhInner(inner);
  const plain = new Uint8Array((20 + data.length + 15 + padding) & ~15);
  plain.set(digest(data));
  plain.set(data, 20);
  const sealed = crypto.aesIgeEncrypt(aesKey, aesIv, plain).slice();
  return { client, body: authKeyMessages.encodeServerDhParams(nonces, sealed) };
}

const minusOne = DH_PRIME.slice();
minusOne[255]--;

for (const [what, change, code] of [
  ['an even p', (f) => ({ inner: { ...f, prime: minusOne } }), 'bad-dh-config'],
  ['p of 255 bytes', (f) => ({ inner: { ...f, prime: DH_PRIME.subarray(1) } }), 'bad-dh-config'],
  ['g of no residue', (f) => ({ inner: { ...f, g: 2 } }), 'bad-dh-config'],
  ['g = 1', (f) => ({ inner: { ...f, g: 1 } }), 'bad-dh-config'],
  ['a negative g', (f) => ({ inner: { ...f, g: -3 } }), 'bad-dh-config'],
  ['g_a = 0', (f) => ({ inner: { ...f, gA: new Uint8Array(1) } }), 'public-value-out-of-range'],
  ['g_a = 1', (f) => ({ inner: { ...f, gA: Uint8Array.of(1) } }), 'public-value-out-of-range'],
  ['no g_a', (f) => ({ inner: { ...f, gA: new Uint8Array(0) } }), 'public-value-out-of-range'],
  ['g_a = p - 1', (f) => ({ inner: { ...f, gA: minusOne } }), 'public-value-out-of-range'],
  ['g_a = p', (f) => ({ inner: { ...f, gA: DH_PRIME } }), 'public-value-out-of-range'],
  [
    'g_a of 248 bytes',
    (f) => ({ inner: { ...f, gA: new Uint8Array(248).fill(255) } }),
    'public-value-out-of-range',
  ],
  [
    'g_a of 300 bytes',
    (f) => ({ inner: { ...f, gA: new Uint8Array(300).fill(1) } }),
    'public-value-out-of-range',
  ],
  ['a nonce inside', (f) => ({ inner: { ...f, nonce: new Uint8Array(16) } }), 'nonce-mismatch'],
  [
    'a server_nonce inside',
    (f) => ({ inner: { ...f, serverNonce: new Uint8Array(16) } }),
    'nonce-mismatch',
  ],
  ['16 bytes more', (f) => ({ inner: f, padding: 16 }), 'bad-encrypted-data'],
  ['another object', () => ({ inner: new Uint8Array(64).fill(1) }), 'bad-encrypted-data'],
]) {
  authKey(`refused: ${what}`, () => {
    const { client, body } = answerWith(change);
    throwsCode(/** @type {string} */ (code), () => client.receive(body));
    assert.ok(client.ended);
    throwsCode('released', () => client.receive(body));
  });
}

authKey('the answer that all these differ from is accepted', () => {
  const { client, body } = answerWith((inner) => ({ inner }));
  assert.ok(client.receive(body).send);
  client.close();
});

authKey('server_DH_params_fail is believed only with its hash', () => {
  for (const honest of [true, false]) {
    const { client, body } = answerWith((inner) => ({ inner }));
    const refusal = new Uint8Array(52);
    refusal.set(body.subarray(0, 36));
    refusal.set([0x5d, 0x04, 0xcb, 0x79]);
    if (honest) refusal.set(crypto.sha1(new Uint8Array(32).fill(7)).subarray(4, 20), 36);
    throwsCode(honest ? 'refused' : 'bad-encrypted-data', () => client.receive(refusal));
  }
});

authKey('a pq that is no product of two primes', () => {
  for (const pq of ['', '00', '01', '61', '69', 'ffffffffffffffff', '7fffffffffffffffff']) {
    const client = new AuthKeyClient(crypto, { keys: [key], dc: 2, random: seeded(1) });
    const nonces = {
      nonce: authKeyMessages.decodeReqPq(client.start()),
      serverNonce: new Uint8Array(16),
    };
    const resPq = authKeyMessages.encodeResPq(nonces, fromHex(pq), [key.fingerprint]);
    throwsCode('bad-pq', () => client.receive(resPq));
  }
});

authKey('a step out of turn changes nothing', () => {
  const both = pair();
  throwsCode('out-of-order', () => both.client.receive(new Uint8Array(4)));
  finish(run(both));
  const again = pair();
  again.client.start();
  throwsCode('out-of-order', () => again.client.start());
  throwsCode('bad-argument', () => again.client.receive(/** @type {any} */ ('x')));
  assert.not(again.client.ended);
  again.client.close();
  again.server.close();
});

authKey('a broken random source ends it', () => {
  const zero = insecureRandomForTests((target) => target.fill(0));
  throwsCode('bad-random', () => run(pair({ server: { random: zero } })));
});

authKey('wrong options', () => {
  const options = { keys: [key], dc: 2 };
  for (const wrong of [
    { ...options, keys: [] },
    { ...options, keys: [{}] },
    { ...options, dc: 1.5 },
    { ...options, expiresIn: 0 },
    { ...options, random: 7 },
    { ...options, dcs: 1 },
  ]) {
    throwsCode('bad-argument', () => new AuthKeyClient(crypto, /** @type {any} */ (wrong)));
  }
  const server = { keys: [key], now };
  throwsCode('bad-dh-config', () => new AuthKeyServer(crypto, { ...server, g: 2 }));
  throwsCode('bad-argument', () => new AuthKeyServer(crypto, /** @type {any} */ ({ keys: [key] })));
});

authKey('no secret stays in memory', () => {
  const own = createCrypto();
  const newNonce = prng(11).bytes(32);
  const exponent = prng(12).bytes(256);
  const rest = prng(13);
  let nonces = 0;
  const random = insecureRandomForTests((target) => {
    if (target.length === 32 && nonces++ === 0) target.set(newNonce);
    else if (target.length === 256) target.set(exponent);
    else rest.fill(target);
  });
  const both = {
    client: new AuthKeyClient(own, { keys: [key], dc: 2, random }),
    server: pair().server,
  };
  const { made, accepted } = run(both);
  const memory = own.memory.view(0, own.memory.byteLength);
  for (const [what, secret] of Object.entries({ newNonce, exponent })) {
    const found = memory.findIndex((_, at) =>
      secret.subarray(0, 16).every((byte, i) => memory[at + i] === byte),
    );
    assert.is(found, -1, what);
  }
  made.authKey.close();
  accepted.authKey.close();
  own.close();
});

authKey.run();
