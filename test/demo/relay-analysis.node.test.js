import { createCrypto, DH_PRIME } from 'sottovoce/crypto';
import { encodeDataFrame, encodeHello, makeTag } from 'sottovoce/relay';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  countOpusRuns,
  countPcmRuns,
  entropy,
  guessKeys,
  Haystack,
  openAll,
  sealedPackets,
  tryGuesses,
} from '../../examples/demo/relay-analysis.mjs';
import { prng } from '../support/prng.js';

const analysis = suite('demo: relay analysis');
const random = prng(7);
const crypto = createCrypto();
const bytes = (/** @type {number} */ length) => {
  const result = new Uint8Array(length);
  random.fill(result);
  return result;
};
const base = bytes(12);
const keyBytes = bytes(256);
keyBytes[0] = 0x7f; // below the prime
const publicValues = { g_a: bytes(256), g_b: bytes(256), commitment: bytes(32), tag: base };
publicValues.g_a[0] = 0x11;
publicValues.g_b[0] = 0x22;

/** Datagrams of a call as a relay sees them. @param {Uint8Array} key @param {Uint8Array[]} bodies */
function record(key, bodies) {
  const shared = crypto.createSharedKey(key);
  const buffer = crypto.createPacketBuffer(1000);
  const datagrams = bodies.map((body, i) => {
    const sender = (i % 2) + 1;
    buffer.body.set(body);
    const packet = buffer.sealCall(shared, sender === 1 ? 0 : 8, body.length);
    return encodeDataFrame(base, 3 - sender, sender, packet);
  });
  buffer.close();
  shared.close();
  return [encodeHello(makeTag(base, 1)), ...datagrams];
}
/** @param {Uint8Array} key @param {Uint8Array[]} datagrams */
function opened(key, datagrams) {
  const shared = crypto.createSharedKey(key);
  const buffer = crypto.createPacketBuffer(1000);
  const count = openAll(
    ({ x, data }) => buffer.openCall(shared, x, data),
    sealedPackets(datagrams),
  );
  buffer.close();
  shared.close();
  return count;
}

const bodies = Array.from({ length: 20 }, () => bytes(60));

analysis('the control opens every sealed packet, and hellos are none', () => {
  assert.is(opened(keyBytes, record(keyBytes, bodies)), 20);
});

analysis('the control can fail', () => {
  const datagrams = record(keyBytes, bodies);
  const wrong = keyBytes.slice();
  wrong[100] = (wrong[100] ?? 0) ^ 1;
  assert.is(opened(wrong, datagrams), 0);
  const frame = /** @type {Uint8Array} */ (datagrams[3]);
  frame[30] = (frame[30] ?? 0) ^ 1;
  assert.is(opened(keyBytes, datagrams), 19);
});

analysis('no key from what was seen opens anything', () => {
  const guesses = guessKeys(crypto, { prime: DH_PRIME, values: publicValues });
  assert.ok(guesses.length > 15);
  assert.is(new Set(guesses.map(({ key }) => key.join())).size, guesses.length);
  assert.ok(guesses.every(({ key }) => key.length === 256));
  const packets = sealedPackets(record(keyBytes, bodies));
  assert.equal(tryGuesses(crypto, guesses, packets), {
    opened: 0,
    attempts: guesses.length * packets.length,
  });
});

analysis('a call whose key can be guessed is found out', () => {
  const guesses = guessKeys(crypto, { prime: DH_PRIME, values: publicValues });
  for (const { name, key } of guesses) {
    const packets = sealedPackets(record(key, bodies.slice(0, 3)));
    assert.is(tryGuesses(crypto, guesses, packets).opened, 3, name);
  }
});

analysis('entropy', () => {
  assert.is(entropy([new Uint8Array(100)]), 0);
  assert.is(entropy([Uint8Array.from({ length: 256 }, (_, i) => i)]), 8);
  assert.is(entropy([Uint8Array.of(0), Uint8Array.of(1)]), 1);
  assert.ok(entropy([bytes(50_000)]) > 7.99);
});

analysis('pieces of Opus packets are found where they are', () => {
  const packets = bodies.map((body) => body.slice(17));
  assert.is(countOpusRuns(new Haystack(record(keyBytes, bodies)), packets), 0);
  const leak = /** @type {Uint8Array} */ (packets[4]);
  const eight = Uint8Array.of(...bytes(30), ...leak.subarray(10, 18), ...bytes(5));
  assert.is(countOpusRuns(new Haystack([eight]), packets), 1);
  const seven = Uint8Array.of(...bytes(30), ...leak.subarray(10, 17), ...bytes(5));
  assert.is(countOpusRuns(new Haystack([seven]), packets), 0);
  // Eight bytes that two datagrams hold between them are no run.
  assert.is(countOpusRuns(new Haystack([leak.subarray(0, 4), leak.subarray(4, 8)]), packets), 0);
  const flat = new Uint8Array(40);
  assert.is(countOpusRuns(new Haystack([flat]), [flat]), 0);
});

analysis('pieces of PCM are found, silence is not looked for', () => {
  const pcm = Float32Array.from({ length: 200 }, () => random.float() - 0.5);
  const words = new Int16Array(pcm.map((value) => Math.round(value * 32768)));
  const image = new Uint8Array(words.buffer);
  assert.is(countPcmRuns(new Haystack([bytes(500)]), pcm), 0);
  assert.is(countPcmRuns(new Haystack([image.subarray(20, 36)]), pcm), 1);
  assert.is(countPcmRuns(new Haystack([image.subarray(20, 35)]), pcm), 0);
  const floats = new Uint8Array(pcm.buffer);
  assert.is(countPcmRuns(new Haystack([floats.subarray(40, 60)]), pcm), 2);
  const silence = new Float32Array(100);
  assert.is(countPcmRuns(new Haystack([new Uint8Array(400)]), silence), 0);
});

analysis('a padding behind a byte of 1 is no speech; speech of two steps is', () => {
  const padding = new Uint8Array(72);
  padding[40] = 1;
  const quiet = new Float32Array(100);
  quiet[50] = 1 / 32768;
  assert.is(countPcmRuns(new Haystack([padding]), quiet), 0);
  padding[40] = 2;
  quiet[50] = 2 / 32768;
  assert.ok(countPcmRuns(new Haystack([padding]), quiet) > 0);
});

analysis.run();
