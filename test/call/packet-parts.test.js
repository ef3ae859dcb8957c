// The parts of the packet layer one by one.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CallError, emojiFingerprint } from 'sottovoce/call';
import {
  counterOf,
  decodeUtf8,
  Deliveries,
  DueAcks,
  encodeEntry,
  encodeUtf8,
  isSingle,
  MAX_COUNTER,
  MAX_TRACKED,
  makeWord,
  needsAck,
  parseBody,
  ReplayWindow,
  Unacknowledged,
} from 'sottovoce/internal';

const parts = suite('packet parts');
const runs = { seed: 1, numRuns: 100 };
const badArgument = (error) => error instanceof CallError && error.code === 'bad-argument';

parts('a word keeps its counter and flags', () => {
  fc.assert(
    fc.property(fc.nat(MAX_COUNTER), fc.boolean(), fc.boolean(), (counter, acked, single) => {
      const word = makeWord(counter, acked, single);
      assert.ok(word >= 0 && word < 2 ** 32);
      assert.equal([counterOf(word), needsAck(word), isSingle(word)], [counter, acked, single]);
    }),
    runs,
  );
});

parts('the replay window is the set of what was accepted, and its last 64', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 200 }), (counters) => {
      const window = new ReplayWindow();
      const accepted = new Set();
      let largest = 0;
      for (const counter of counters) {
        const expected = !accepted.has(counter) && counter + 64 > largest;
        assert.is(window.accept(counter), expected);
        if (expected) accepted.add(counter);
        largest = Math.max(largest, expected ? counter : 0);
      }
    }),
    runs,
  );
});

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const data = fc.uint8Array({ maxLength: 40 });
const message = fc.oneof(
  fc.record({
    type: fc.constant('candidatesList'),
    candidates: fc.array(text, { maxLength: 5 }),
    ufrag: text,
    pwd: text,
  }),
  fc
    .array(fc.record({ name: text, parameters: fc.dictionary(text, text, { maxKeys: 4 }) }), {
      maxLength: 4,
    })
    .map((formats) => ({ type: 'videoFormats', formats, encodersCount: formats.length >> 1 })),
  fc.constant({ type: 'requestVideo' }),
  fc.record({ type: fc.constant('remoteMediaState'), audio: fc.nat(1), video: fc.nat(2) }),
  fc.record({ type: fc.constantFrom('audioData', 'videoData', 'unstructuredData'), data }),
  fc.record({ type: fc.constant('videoParameters'), aspectRatio: fc.nat(0xffffffff) }),
  fc.record({ type: fc.constant('remoteBatteryLevelIsLow'), batteryLow: fc.boolean() }),
  fc.record({
    type: fc.constant('remoteNetworkStatus'),
    isLowCost: fc.boolean(),
    isLowDataRequested: fc.boolean(),
  }),
);

parts('messages come back from a body as they went in', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), fc.boolean(), (list, alone) => {
      const messages = /** @type {any[]} */ (alone ? list.slice(0, 1) : list);
      const entries = messages.map((entry, i) => ({
        word: makeWord(i + 1, i % 2 === 0, alone),
        message: entry,
      }));
      const body = entries.flatMap(({ word, message: entry }) => [...encodeEntry(word, entry)]);
      const parsed = parseBody(Uint8Array.from(body), 'typed');
      assert.equal(parsed?.length, entries.length);
      // Through text: parameters have no prototype in common, and order does not count.
      const plain = (value) =>
        JSON.stringify(value, (_, inner) =>
          inner instanceof Uint8Array
            ? [...inner]
            : typeof inner === 'object' && inner !== null && !Array.isArray(inner)
              ? Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))
              : inner,
        );
      assert.is(plain(parsed), plain(entries));
    }),
    runs,
  );
});

parts('every truncation of a body is refused or has fewer messages; nothing throws', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), (list) => {
      const body = Uint8Array.from(
        list.flatMap((entry, i) => [
          ...encodeEntry(makeWord(i + 1, true, false), /** @type {any} */ (entry)),
        ]),
      );
      for (let length = 0; length < body.length; length++) {
        const parsed = parseBody(body.subarray(0, length), 'typed');
        assert.ok(parsed === null || parsed.length <= list.length);
      }
    }),
    { ...runs, numRuns: 30 },
  );
});

parts('a body of any bytes is parsed or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom('typed', 'raw'), (body, mode) => {
      const parsed = parseBody(body, /** @type {'typed' | 'raw'} */ (mode));
      assert.ok(parsed === null || parsed.length > 0);
    }),
    { ...runs, numRuns: 1000 },
  );
});

parts('network status: the second byte is absent only where the packet ends', () => {
  const short = Uint8Array.from([0x40, 0, 0, 1, 10, 1]);
  const [entry] = parseBody(short, 'typed') ?? [];
  assert.equal(entry.message, {
    type: 'remoteNetworkStatus',
    isLowCost: true,
    isLowDataRequested: false,
  });
  const followed = Uint8Array.from([...short, 0x40, 0, 0, 2, 3]);
  assert.is(parseBody(followed, 'typed'), null);
});

parts('parameters named like parts of an object are plain data', () => {
  const parameters = Object.fromEntries([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
  const formats = [{ name: 'x', parameters }];
  const written = encodeEntry(1, { type: 'videoFormats', formats, encodersCount: 0 });
  const [entry] = parseBody(written, 'typed') ?? [];
  assert.equal(Object.entries(/** @type {any} */ (entry.message).formats[0].parameters), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
});

parts('messages that cannot be written are refused', () => {
  const long = 'x'.repeat(65_536);
  for (const wrong of [
    null,
    {},
    { type: 'nothing' },
    { type: 'audioData' },
    { type: 'audioData', data: [1] },
    { type: 'audioData', data: new Uint8Array(65_536) },
    { type: 'candidatesList', candidates: [long], ufrag: '', pwd: '' },
    { type: 'candidatesList', candidates: [1], ufrag: '', pwd: '' },
    { type: 'candidatesList', candidates: Array(256).fill(''), ufrag: '', pwd: '' },
    { type: 'candidatesList', candidates: 'abc', ufrag: '', pwd: '' },
    { type: 'videoFormats', formats: [], encodersCount: 1 },
    { type: 'videoFormats', formats: [null], encodersCount: 0 },
    { type: 'videoFormats', formats: [{ name: 'x' }], encodersCount: 0 },
    { type: 'remoteMediaState', audio: 2, video: 0 },
    { type: 'remoteMediaState', audio: 0, video: 3 },
    { type: 'videoParameters', aspectRatio: 1.5 },
    { type: 'remoteBatteryLevelIsLow', batteryLow: 1 },
    { type: 'remoteNetworkStatus', isLowCost: true },
    { type: 'raw', data: new Uint8Array(1_048_577) },
  ]) {
    assert.throws(() => encodeEntry(1, /** @type {any} */ (wrong)), badArgument);
  }
});

parts('due acknowledgements: in order, each once, bounded', () => {
  const due = new DueAcks();
  for (const word of [3, 1, 3, 2, 1]) due.add(word);
  assert.equal([due.take(), due.take(), due.take(), due.take()], [3, 1, 2, undefined]);
  for (let word = 0; word < MAX_TRACKED + 10; word++) due.add(word);
  assert.is(due.size, MAX_TRACKED);
});

parts('deliveries: each counter once, also below what was forgotten', () => {
  const deliveries = new Deliveries();
  const accept = (first, ...counters) => {
    deliveries.startFrom(first);
    return counters.map((counter) => deliveries.accept(counter));
  };
  assert.equal(accept(1, 1, 2, 1), [true, true, false]);
  assert.equal(accept(5, 5, 6), [true, true]);
  assert.equal(accept(2, 2, 3, 6, 7), [false, false, false, true]);
  for (let counter = 8; deliveries.hasRoom(1); counter++) deliveries.accept(counter);
  assert.not.ok(deliveries.hasRoom(1));
  deliveries.startFrom(MAX_COUNTER);
  assert.ok(deliveries.hasRoom(MAX_TRACKED));
});

parts('unacknowledged messages: due after a while or in a hurry, wiped when done, bounded', () => {
  const list = new Unacknowledged(300);
  const bytes = Uint8Array.of(1, 2, 3);
  list.add(0x40000001, bytes, 1000);
  const [stored] = list;
  assert.equal([list.isDue(stored, 1299), list.isDue(stored, 1300)], [false, true]);
  list.markSent(stored, 1300);
  assert.not.ok(list.isDue(stored, 1310));
  list.hurry();
  assert.ok(list.isDue(stored, 1310));
  list.acknowledge(1);
  assert.is(list.size, 1, 'flags count too');
  list.acknowledge(0x40000001);
  assert.equal([list.size, ...bytes], [0, 0, 0, 0]);
  for (let word = 0; word < MAX_TRACKED; word++) list.add(word, bytes, 0);
  assert.ok(list.full);
  list.clear();
  assert.is(list.size, 0);
});

parts('UTF-8 is written and read as everywhere', () => {
  for (const [written, expected] of /** @type {[string, number[]][]} */ ([
    ['', []],
    ['a\u007f', [0x61, 0x7f]],
    ['\u0080\u07ff', [0xc2, 0x80, 0xdf, 0xbf]],
    ['\u0800\uffff', [0xe0, 0xa0, 0x80, 0xef, 0xbf, 0xbf]],
    ['😉\u{10ffff}', [0xf0, 0x9f, 0x98, 0x89, 0xf4, 0x8f, 0xbf, 0xbf]],
  ])) {
    assert.equal([...encodeUtf8(written)], expected);
    assert.is(decodeUtf8(Uint8Array.from(expected)), written);
  }
  assert.equal([...encodeUtf8('\ud800')], [0xef, 0xbf, 0xbd], 'a lone surrogate');
  for (const wrong of [
    [0x80],
    [0xc0, 0x80],
    [0xc1, 0xbf],
    [0xe0, 0x9f, 0xbf],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x8f, 0xbf, 0xbf],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf8, 0x88, 0x80, 0x80, 0x80],
    [0xff],
    [0xe2, 0x82],
  ]) {
    assert.is(decodeUtf8(Uint8Array.from(wrong)), '\ufffd'.repeat(wrong.length));
  }
});

parts('emojis need a hash of 32 bytes', () => {
  for (const wrong of [new Uint8Array(31), new Uint8Array(64), undefined]) {
    assert.throws(() => emojiFingerprint(/** @type {any} */ (wrong)), badArgument);
  }
  assert.equal(emojiFingerprint(new Uint8Array(32)), ['😉', '😉', '😉', '😉']);
});

parts.run();
