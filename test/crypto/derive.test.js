// HMAC, PBKDF2, HKDF, CRC-32, modular arithmetic, factors, MTProto 1.0: arguments, ranges, memory.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto, DH_PRIME, randomBelow } from 'sottovoce/crypto';
import { insecureRandomForTests } from 'sottovoce/internal';
import { throwsCode, toHex } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const derive = suite('crypto/derive');
const random = prng(0xde21);
const crypto = createCrypto();
const some = random.bytes(40);
const any = (/** @type {unknown} */ value) => /** @type {any} */ (value);
const toBigInt = (/** @type {Uint8Array} */ bytes) => BigInt(`0x0${toHex(bytes)}`);

derive('wrong arguments', () => {
  for (const junk of [undefined, null, 5, 'text', [1], new ArrayBuffer(4)]) {
    throwsCode('bad-argument', () => crypto.hmacSha256(any(junk), some));
    throwsCode('bad-argument', () => crypto.hmacSha512(some, any(junk)));
    throwsCode('bad-argument', () => crypto.createHmac('sha256', any(junk)));
    throwsCode('bad-argument', () => crypto.pbkdf2('sha512', any(junk), some, 1, 10));
    throwsCode('bad-argument', () => crypto.pbkdf2('sha512', some, any(junk), 1, 10));
    throwsCode('bad-argument', () => crypto.hkdf('sha256', some, any(junk), some, 10));
    throwsCode('bad-argument', () => crypto.crc32(any(junk)));
    throwsCode('bad-argument', () => crypto.factorPq(any(junk)));
    throwsCode('bad-argument', () => crypto.modMultiply(any(junk), some, DH_PRIME));
    throwsCode('bad-argument', () => crypto.aesCbcEncrypt(any(junk), some.subarray(0, 16), some));
    throwsCode('bad-argument', () => crypto.aesCtr(some.subarray(0, 32), any(junk), some));
    throwsCode('bad-argument', () => randomBelow(any(junk)));
  }
  for (const name of ['md5', '', 'toString', 5]) {
    throwsCode('bad-argument', () => crypto.createHmac(any(name), some));
    throwsCode('bad-argument', () => crypto.hkdf(any(name), some, some, some, 10));
  }
  for (const n of [0, -1, 1.5, 255 * 64 + 1, Number.NaN]) {
    throwsCode('bad-argument', () => crypto.pbkdf2('sha512', some, some, 1, n));
    throwsCode('bad-argument', () => crypto.hkdf('sha512', some, some, some, n));
  }
  for (const n of [0, -1, 1.5]) {
    throwsCode('bad-argument', () => crypto.pbkdf2('sha1', some, some, n, 10));
  }
  throwsCode('bad-argument', () => crypto.pbkdf2('sha1', some, new Uint8Array(1025), 1, 10));
  throwsCode('bad-argument', () => crypto.crc32(some, -1));
  throwsCode('bad-length', () => crypto.factorPq(new Uint8Array(9)));
  throwsCode('bad-length', () => crypto.factorPq(new Uint8Array(0)));
  throwsCode('bad-length', () => crypto.multiplyAdd(some, new Uint8Array(33), some));
  throwsCode('bad-length', () => crypto.modExp(some, new Uint8Array(265), DH_PRIME));
  throwsCode('bad-modulus', () => crypto.modSubtract(some, some, Uint8Array.of(4)));
  throwsCode('bad-argument', () => randomBelow(new Uint8Array(4)));
  for (const n of [0, 15, 17]) {
    const iv = new Uint8Array(n);
    throwsCode('bad-length', () =>
      crypto.aesCbcDecrypt(some.subarray(0, 32), iv, new Uint8Array(16)),
    );
    throwsCode('bad-length', () => crypto.aesCtr(some.subarray(0, 32), iv, some));
  }
  throwsCode('bad-length', () =>
    crypto.aesCbcEncrypt(some.subarray(0, 16), some.subarray(0, 16), new Uint8Array(16)),
  );
});

derive('borrowed results are good inputs', () => {
  const key = crypto.sha256(some).slice();
  const expected = toHex(crypto.hmacSha256(key, key));
  const borrowed = crypto.sha256(some);
  assert.is(toHex(crypto.hmacSha256(borrowed, borrowed)), expected);
  const owned = crypto.hkdf('sha256', key, key, key, 50);
  const again = crypto.sha256(some);
  assert.is(toHex(crypto.hkdf('sha256', again, again, again, 50)), toHex(owned));
});

derive('streams of CBC go on', () => {
  const [key, iv, data] = [random.bytes(32), random.bytes(16), random.bytes(160)];
  const whole = toHex(crypto.aesCbcEncrypt(key, iv, data));
  const [seal, open] = [crypto.createAesCbc(key, iv), crypto.createAesCbc(key, iv)];
  let pieces = '';
  for (const [from, to] of [
    [0, 16],
    [16, 16],
    [16, 112],
    [112, 160],
  ]) {
    const sealed = seal.encrypt(data.subarray(from, to)).slice();
    pieces += toHex(sealed);
    assert.is(toHex(open.decrypt(sealed)), toHex(data.subarray(from, to)));
  }
  assert.is(pieces, whole);
  assert.is(toHex(seal.iv), whole.slice(-32));
  for (const stream of [seal, open]) {
    stream.close();
    throwsCode('released', () => stream.encrypt(data));
  }
});

derive('CRC-32 in pieces, at every alignment', () => {
  const data = random.bytes(300);
  const whole = crypto.crc32(data);
  for (let at = 0; at < 20; at++) {
    assert.is(crypto.crc32(data.subarray(at), crypto.crc32(data.subarray(0, at))), whole);
  }
  assert.is(crypto.crc32(Uint8Array.from('123456789', (c) => c.charCodeAt(0))), 0xcbf43926);
});

derive('modular arithmetic', () => {
  for (const modulus of [Uint8Array.of(1), Uint8Array.of(3), random.bytes(100), DH_PRIME]) {
    const odd = modulus.slice();
    odd[odd.length - 1] |= 1;
    const m = toBigInt(odd);
    const [a, b] = [random.bytes(256), random.bytes(256)];
    assert.is(toBigInt(crypto.modMultiply(a, b, odd)), (toBigInt(a) * toBigInt(b)) % m);
    assert.is(toBigInt(crypto.modMultiply(a, Uint8Array.of(1), odd)), toBigInt(a) % m);
    const difference = (toBigInt(a) - toBigInt(b)) % m;
    assert.is(
      toBigInt(crypto.modSubtract(a, b, odd)),
      difference < 0n ? difference + m : difference,
    );
    assert.is(toBigInt(crypto.modSubtract(a, a, odd)), 0n);
  }
  const full = new Uint8Array(256).fill(255);
  const word = full.subarray(0, 32);
  assert.is(toBigInt(crypto.multiplyAdd(full, word, word)), toBigInt(full) + toBigInt(word) ** 2n);
});

derive('exponents longer than 2048 bits', () => {
  const base = random.bytes(256);
  const exponent = new Uint8Array(257);
  exponent[0] = 1; // 2^2048
  let expected = toBigInt(base) % toBigInt(DH_PRIME);
  for (let i = 0; i < 2048; i++) expected = (expected * expected) % toBigInt(DH_PRIME);
  assert.is(toBigInt(crypto.modExp(base, exponent, DH_PRIME)), expected);
});

derive('factors', () => {
  const split = (/** @type {bigint} */ pq) => {
    const bytes = Uint8Array.from({ length: 8 }, (_, i) =>
      Number((pq >> BigInt(56 - 8 * i)) & 255n),
    );
    return crypto.factorPq(bytes)?.map(toBigInt) ?? null;
  };
  assert.equal(split(0x17ed48941a08f981n), [0x494c553bn, 0x53911073n]);
  assert.equal(split(6n), [2n, 3n]);
  assert.equal(split(3037000493n ** 2n), [3037000493n, 3037000493n]);
  assert.equal(split(2n * 4611686018427387847n), [2n, 4611686018427387847n]);
  for (const none of [
    0n,
    1n,
    2n,
    8n,
    105n,
    9223372036854775783n,
    2n ** 62n,
    2n ** 63n + 1n,
    2n ** 64n - 1n,
  ]) {
    assert.is(split(none), null);
  }
});

derive('numbers below a limit', () => {
  const source = insecureRandomForTests(random.fill);
  const seen = new Set();
  for (let i = 0; i < 300; i++) seen.add(toHex(randomBelow(Uint8Array.of(0, 5), source)));
  assert.equal([...seen].sort(), ['0000', '0001', '0002', '0003', '0004']);
  for (let i = 0; i < 20; i++)
    assert.ok(toBigInt(randomBelow(DH_PRIME, source)) < toBigInt(DH_PRIME));
  assert.is(toHex(randomBelow(Uint8Array.of(1), source)), '00');
});

derive('messages of MTProto 1.0: every length of data and padding, forged ones refused', () => {
  const key = crypto.createSharedKey(random.bytes(256));
  const packet = crypto.createPacketBuffer(256);
  for (const field of /** @type {const} */ ([0, 28])) {
    for (let data = 0; data <= 120; data += 4) {
      const length = field + 4 + data;
      const total = (length + 15) & ~15;
      const body = random.bytes(total);
      new DataView(body.buffer).setUint32(field, data, true);
      packet.body.set(body);
      const sealed = packet.sealMessageV1(key, 0, total, length).slice();
      const opened = packet.openMessageV1(key, 0, sealed, field);
      assert.ok(opened, `${field}, ${data}`);
      assert.is(toHex(opened), toHex(body.subarray(0, length)));
      sealed[random.int(16 + (length & ~15))] ^= 1 << random.int(8);
      assert.is(packet.openMessageV1(key, 0, sealed, field), null);
      assert.ok(packet.body.subarray(0, total).every((byte) => byte === 0));
    }
  }
  throwsCode('bad-argument', () => packet.openMessageV1(key, 0, new Uint8Array(64), any(4)));
  throwsCode('bad-argument', () => packet.sealMessageV1(key, 0, 32, 16));
  throwsCode('bad-argument', () => packet.sealMessageV1(key, 0, 32, 33));
  throwsCode('bad-length', () => packet.sealMessageV1(key, 0, 40, 40));
  packet.close();
  key.close();
});

derive('handles are wiped and refuse to work', () => {
  const own = createCrypto();
  const hmac = own.createHmac('sha512', some);
  hmac.update(some);
  hmac.close();
  hmac.close();
  throwsCode('released', () => hmac.update(some));
  throwsCode('released', () => hmac.digest());
  own.hkdf('sha256', some, some, some, 64);
  own.pbkdf2('sha512', some, some, 2, 64);
  own.hmacSha256(some, some, new Uint8Array(32));
  const memory = own.memory.view(0, own.memory.byteLength);
  const secret = toHex(some.subarray(0, 16));
  assert.not.ok(toHex(memory).includes(secret), 'nothing of the key stays');
  own.close();
  throwsCode('released', () => own.hmacSha256(some, some));
  throwsCode('released', () => own.aesCtr(some.subarray(0, 32), some.subarray(0, 16), some));
  throwsCode('released', () => own.factorPq(some.subarray(0, 8)));
});

derive.run();
