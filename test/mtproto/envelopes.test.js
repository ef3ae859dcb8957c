// Envelopes: any chunking gives the same events, memory is bounded, nothing malformed gets through.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import {
  AbridgedEnvelope,
  FullEnvelope,
  IntermediateEnvelope,
  PaddedIntermediateEnvelope,
} from 'sottovoce/mtproto/transport';
import { insecureRandomForTests } from 'sottovoce/internal';
import { concat, fromHex, throwsCode, toHex } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const envelopes = suite('mtproto/envelopes');
const crypto = createCrypto();
const source = prng(0xe27);
const random = insecureRandomForTests(source.fill);

/** @type {Record<string, (options?: object) => import('sottovoce/mtproto/transport').Envelope>} */
const KINDS = {
  abridged: (options) => new AbridgedEnvelope(options),
  intermediate: (options) => new IntermediateEnvelope(options),
  padded: (options) => new PaddedIntermediateEnvelope({ random, ...options }),
  full: (options) => new FullEnvelope(crypto, options),
};

/** Events without what padding adds. */
const texts = (events) =>
  events.map((event) =>
    event.type === 'packet' ? { ...event, payload: toHex(event.payload) } : event,
  );

/** Feeds a copy of each piece, and overwrites it afterwards as a socket may. */
function inPieces(codec, stream, cuts) {
  const ends = [...new Set([...cuts.filter((cut) => cut < stream.length), stream.length])];
  ends.sort((a, b) => a - b);
  const events = [];
  let start = 0;
  for (const end of ends) {
    const piece = stream.slice(start, end);
    events.push(...texts(codec.decode(piece)));
    piece.fill(0xaa);
    start = end;
  }
  return events;
}

for (const [name, make] of Object.entries(KINDS)) {
  envelopes(`${name}: what is sent arrives, however it is cut`, () => {
    const lengths = fc.array(fc.integer({ min: 4, max: 300 }), { minLength: 1, maxLength: 6 });
    const cuts = fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 40 });
    fc.assert(
      fc.property(lengths, cuts, fc.boolean(), (words, cutting, fromClient) => {
        const quickAck = fromClient && name !== 'full';
        const sender = make({ role: fromClient ? 'client' : 'server' });
        const payloads = words.map((length) => source.bytes(4 * length));
        const stream = concat(...payloads.map((payload) => sender.encode(payload, { quickAck })));
        const role = fromClient ? 'server' : 'client';
        const whole = texts(make({ role }).decode(stream.slice()));
        assert.equal(inPieces(make({ role }), stream, cutting), whole);
        assert.is(whole.length, payloads.length);
        for (const [i, event] of whole.entries()) {
          assert.is(event.quickAck, quickAck);
          assert.ok(event.payload.startsWith(toHex(payloads[i])));
          if (name !== 'padded') assert.is(event.payload.length, 2 * payloads[i].length);
        }
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  envelopes(
    `${name}: noise gives the same events in one piece and in many, and ends at most once`,
    () => {
      for (let i = 0; i < 200; i++) {
        const noise = source.bytes(source.int(60));
        if (i % 2 === 0) noise.fill(0, 1, 4); // small lengths, so that something is read
        for (const role of ['client', 'server']) {
          const whole = texts(make({ role }).decode(noise.slice()));
          const every = Array.from({ length: noise.length }, (_, at) => at + 1);
          assert.equal(inPieces(make({ role }), noise, every), whole);
          const failures = whole.filter(({ type }) => type === 'failure');
          assert.ok(failures.length === 0 || whole.indexOf(failures[0]) === whole.length - 1);
        }
      }
    },
  );

  envelopes(`${name}: memory is bounded by what arrived, and by the longest payload`, () => {
    const sender = make();
    const payload = new Uint8Array(4096).fill(1);
    const stream = sender.encode(payload);
    const small = make({ role: 'server', maxPayloadBytes: 1024 });
    assert.equal(small.decode(stream.subarray(0, 8)), [{ type: 'failure', code: 'too-long' }]);
    assert.is(small.bufferedBytes, 0);
    assert.equal(small.decode(stream), [], 'nothing follows a failure');
    const reader = make({ role: 'server' });
    for (let i = 0; i < 1000; i++) reader.decode(stream.subarray(i, i + 1));
    assert.is(reader.bufferedBytes, 1000);
    assert.is(reader.decode(stream.subarray(1000)).length, 1);
    assert.is(reader.bufferedBytes, 0);
    reader.close();
    assert.equal(reader.decode(stream), []);
  });

  envelopes(`${name}: what cannot be sent`, () => {
    const codec = make({ maxPayloadBytes: 64 });
    for (const length of [0, 1, 3, 17, 68]) {
      throwsCode('bad-length', () => codec.encode(new Uint8Array(length)));
    }
    throwsCode('bad-argument', () => codec.encode(/** @type {any} */ ('x')));
    throwsCode('bad-argument', () =>
      codec.encode(new Uint8Array(4), /** @type {any} */ ({ ack: 1 })),
    );
    throwsCode('bad-argument', () =>
      make({ role: 'server' }).encode(new Uint8Array(4), { quickAck: true }),
    );
    for (const wrong of [
      { role: 'proxy' },
      { maxPayloadBytes: 2 ** 24 },
      { maxPayloadBytes: 1.5 },
    ]) {
      throwsCode('bad-argument', () => make(wrong));
    }
  });

  envelopes(`${name}: errors of a server, and pings of nothing`, () => {
    const server = make({ role: 'server' });
    const client = make();
    assert.equal(client.decode(server.encodeError(-404)), [{ type: 'error', code: -404 }]);
    assert.equal(client.decode(server.encode(new Uint8Array(4))), []);
    const positive = server.encode(Uint8Array.of(1, 0, 0, 0));
    assert.equal(client.decode(positive), [{ type: 'failure', code: 'bad-envelope' }]);
    throwsCode('bad-argument', () => server.encodeError(404));
    const fromClient = make({ role: 'server' }).decode(make().encode(new Uint8Array(8).fill(1)));
    assert.equal(fromClient, [{ type: 'failure', code: 'bad-envelope' }]);
  });
}

envelopes('quick acks arrive, in front of and between messages', () => {
  for (const name of ['abridged', 'intermediate', 'padded']) {
    const server = KINDS[name]({ role: 'server' });
    const payload = source.bytes(64);
    for (const token of [0x80000000, 0x81020304, 0xffffffff, 0xefefefef]) {
      const stream = concat(
        server.encodeQuickAck(token),
        server.encode(payload),
        server.encodeQuickAck(token),
      );
      const every = Array.from({ length: stream.length }, (_, at) => at);
      const events = inPieces(KINDS[name](), stream, every);
      assert.equal(
        events.filter(({ type }) => type !== 'packet'),
        [
          { type: 'quick-ack', token },
          { type: 'quick-ack', token },
        ],
      );
      assert.is(events[1].type, 'packet');
    }
    throwsCode('bad-argument', () => server.encodeQuickAck(1));
    throwsCode('bad-argument', () => KINDS[name]().encodeQuickAck(0x80000000));
  }
  throwsCode('bad-argument', () => KINDS.full({ role: 'server' }).encodeQuickAck(0x80000000));
  throwsCode('bad-argument', () => KINDS.full().encode(new Uint8Array(4), { quickAck: true }));
});

envelopes('full: every changed bit, a lost and a doubled envelope', () => {
  const sender = KINDS.full();
  const [first, second] = [source.bytes(32), source.bytes(32)].map((p) => sender.encode(p));
  for (let bit = 32; bit < 8 * first.length; bit += 3) {
    const wrong = first.slice();
    wrong[bit >> 3] ^= 1 << (bit & 7);
    const [event] = KINDS.full({ role: 'server' }).decode(wrong);
    assert.equal(event, { type: 'failure', code: 'bad-checksum' });
  }
  for (const stream of [second, concat(first, first)]) {
    const events = KINDS.full({ role: 'server' }).decode(stream);
    assert.equal(events[events.length - 1], { type: 'failure', code: 'bad-sequence' });
  }
  for (const total of [0, 4, 11]) {
    const head = new Uint8Array(12);
    head[0] = total;
    assert.equal(KINDS.full().decode(head), [{ type: 'failure', code: 'bad-envelope' }]);
  }
});

envelopes('tags', () => {
  assert.equal(
    Object.values(KINDS).map((make) => toHex(make().tag)),
    ['ef', 'eeeeeeee', 'dddddddd', ''],
  );
});

envelopes('an announced length reserves nothing', () => {
  const codec = KINDS.intermediate({ role: 'server' });
  const before = codec.bufferedBytes;
  assert.equal(codec.decode(fromHex('fcffff00')), []);
  assert.is(codec.bufferedBytes, before + 4);
});

envelopes.run();
