import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { throwsCode, toHex } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const batches = suite('crypto/batch');
const random = prng(0xba7c);
const crypto = createCrypto();
const keys = Array.from({ length: 5 }, () => crypto.createSharedKey(random.bytes(256)));
const single = crypto.createPacketBuffer(512);
const batch = crypto.createPacketBatch(8, 512);
const LENGTHS = [16, 160, 48, 512, 336];

/** @param {'sealCall' | 'sealMessage'} seal */
function sealOne(seal, key, x, body) {
  single.body.set(body);
  return single[seal](key, x, body.length).slice();
}

for (const [kind, seal, open] of /** @type {const} */ ([
  ['calls', 'sealCalls', 'openCalls'],
  ['messages', 'sealMessages', 'openMessages'],
])) {
  const one = kind === 'calls' ? 'sealCall' : 'sealMessage';
  batches(`${kind}: as one by one, for every number of packets`, () => {
    for (let count = 0; count <= keys.length; count++) {
      const bodies = LENGTHS.slice(0, count).map((n) => random.bytes(n));
      const expected = bodies.map((body, i) => sealOne(one, keys[i], 8 * (i % 2), body));
      bodies.forEach((body, i) => {
        batch.body(7 - i).set(body);
        batch.add(7 - i, keys[i], 8 * (i % 2), body.length);
      });
      assert.is(batch[seal](), count);
      for (const [i, packet] of expected.entries()) {
        assert.is(toHex(batch.packet(7 - i)), toHex(packet));
      }

      for (const [i, packet] of expected.entries()) batch.load(i, keys[i], 8 * (i % 2), packet);
      assert.is(batch[open](), count);
      bodies.forEach((body, i) => {
        const opened = batch.opened(i);
        assert.ok(opened);
        assert.is(toHex(opened), toHex(body));
      });
    }
  });

  batches(`${kind}: a forged packet fails alone and leaves nothing`, () => {
    const bodies = LENGTHS.map((n) => random.bytes(n));
    const packets = bodies.map((body, i) => sealOne(one, keys[i], 0, body));
    for (let bad = 0; bad < packets.length; bad++) {
      packets.forEach((packet, i) => {
        const copy = packet.slice();
        if (i === bad) copy[random.int(copy.length)] ^= 1 << random.int(8);
        batch.load(i, keys[i], 0, copy);
      });
      assert.is(batch[open](), packets.length - 1);
      for (const i of packets.keys()) assert.is(batch.opened(i) === null, i === bad);
      const rest = batch.body(bad).subarray(0, LENGTHS[bad]);
      assert.ok(rest.every((byte) => byte === 0));
    }
  });
}

batches('packets of impossible lengths count as forged', () => {
  for (const n of [0, 1, 20, 16 + 513]) batch.load(0, keys[0], 0, new Uint8Array(n));
  assert.is(batch.openCalls(), 0);
  assert.is(batch.opened(0), null);
  batch.load(0, keys[0], 0, new Uint8Array(16 + 15));
  assert.is(batch.openMessages(), 0);
});

batches('wrong arguments throw and change nothing', () => {
  throwsCode('bad-argument', () => crypto.createPacketBatch(0, 100));
  throwsCode('bad-argument', () => crypto.createPacketBatch(2, 15));
  throwsCode('bad-argument', () => crypto.createPacketBatch(65536, 16 * 1024 * 1024));
  for (const index of [-1, 8, 1.5, '0']) {
    throwsCode('bad-argument', () => batch.body(/** @type {any} */ (index)));
    throwsCode('bad-argument', () => batch.add(/** @type {any} */ (index), keys[0], 0, 16));
  }
  for (const n of [0, 4, 513, 1.5]) throwsCode('bad-argument', () => batch.add(0, keys[0], 0, n));
  throwsCode('bad-argument', () => batch.add(0, keys[0], 1, 16));
  throwsCode('bad-argument', () => batch.add(0, /** @type {any} */ ({}), 0, 16));
  batch.add(0, keys[0], 0, 17);
  throwsCode('bad-length', () => batch.sealMessages());
  batch.add(0, keys[0], 128, 16);
  throwsCode('bad-argument', () => batch.sealMessages());
  assert.is(batch.sealCalls(), 1);
  throwsCode('bad-argument', () => batch.packet(1));
});

batches('closed keys and batches', () => {
  const own = createCrypto();
  const key = own.createSharedKey(random.bytes(256));
  const other = own.createPacketBatch(1, 64);
  throwsCode('bad-argument', () => batch.add(0, key, 0, 16));
  other.add(0, key, 0, 16);
  key.close();
  throwsCode('released', () => other.sealCalls());
  other.close();
  other.close();
  throwsCode('released', () => other.body(0));
  own.close();
  throwsCode('released', () => own.createPacketBatch(1, 64));
});

batches.run();
