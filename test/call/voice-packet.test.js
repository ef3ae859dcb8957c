// Voice to sealed packet and back, each in one call in one memory.
import { createCallCore, OpeningDecoder, SealingEncoder, writeRtpHeader } from 'sottovoce/call';
import { OpusEncoder, ownEngine } from 'sottovoce/opus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { prng } from '../support/prng.js';
import { toInt16, voice } from '../support/signals.js';

const voicePacket = suite('call voice packets');
const core = createCallCore();
const key = core.crypto.createSharedKey(prng(5).bytes(256));
const FORMAT = /** @type {const} */ ({ sampleRate: 48_000, channels: 1 });
const OPTIONS = /** @type {const} */ ({ bitrate: 32_000, application: 'audio' });
const HEAD = 17;

/** Sequence word of a message that fills its packet, type 5, RTP header. */
function writeHead(body, counter, { single = true, payloadType = 111, length = 0 } = {}) {
  new DataView(body.buffer, body.byteOffset).setUint32(0, (single ? 0x80000000 : 0) + counter);
  body[4] = 5;
  let at = 5;
  if (!single) {
    body[5] = length >> 8;
    body[6] = length;
    at = 7;
  }
  writeRtpHeader(body.subarray(at), counter, 960 * counter, 2, false);
  body[at + 1] = payloadType;
  return at + 12;
}

/** The code of the error that a call throws. */
function codeOf(call) {
  try {
    call();
  } catch (error) {
    return /** @type {{ code: string }} */ (error).code;
  }
  return '';
}

async function pair() {
  return {
    mouth: await SealingEncoder.create(core, FORMAT, OPTIONS),
    ear: new OpeningDecoder(core, FORMAT),
    out: core.crypto.createPacketBuffer(1436),
    into: core.crypto.createPacketBuffer(1436),
    close() {
      for (const handle of [this.mouth, this.ear, this.out, this.into]) handle.close();
    },
  };
}

/** How often bytes occur in the memory of the core. */
function occurrences(bytes) {
  const memory = core.memory.view(0, core.memory.byteLength);
  let count = 0;
  for (let at = memory.indexOf(bytes[0]); at >= 0; at = memory.indexOf(bytes[0], at + 1)) {
    let same = 0;
    while (same < bytes.length && memory[at + same] === bytes[same]) same++;
    if (same === bytes.length) count++;
  }
  return count;
}

voicePacket('the packets are those of an encoder and of sealing apart', async () => {
  const { mouth, ear, out, into, close } = await pair();
  const encoder = await OpusEncoder.create({ ...FORMAT, ...OPTIONS, engine: ownEngine() });
  const apart = core.crypto.createPacketBuffer(1436);
  for (let i = 1; i <= 20; i++) {
    const pcm = voice(960, 48_000, 1, 960 * i);
    const int16 = i % 2 === 0;
    const opusPacket = encoder.encode(int16 ? toInt16(pcm) : pcm);
    writeHead(apart.body, i);
    apart.body.set(opusPacket, HEAD);
    const expected = apart.sealCall(key, 0, HEAD + opusPacket.length);

    if (int16) mouth.pcmInt16.set(toInt16(pcm));
    else mouth.pcm.set(pcm);
    writeHead(out.body, i);
    const packet = mouth.encodeAndSeal(out, key, 0, HEAD, { int16 });
    assert.equal(packet, expected);
    const decoded = ear.openAndDecode(into, key, 0, /** @type {Uint8Array} */ (packet));
    assert.is(decoded?.length, 960);
    assert.is(ear.finalRange, encoder.finalRange);
    assert.is(mouth.encoder.finalRange, encoder.finalRange);
    assert.equal(ear.opusPacket, opusPacket);
    assert.is(ear.head.length, HEAD);
    assert.ok(i < 3 || Math.max(.../** @type {Float32Array} */ (decoded)) > 0.03, 'one hears it');
  }
  encoder.close();
  apart.close();
  close.call({ mouth, ear, out, into });
});

voicePacket('nothing is copied and nothing allocated on the way', async () => {
  const parts = await pair();
  const { mouth, ear, out, into } = parts;
  const before = { size: core.memory.byteLength, free: core.memory.allocate(64) };
  const freeAt = before.free.address;
  before.free.release();
  const { buffer } = mouth.pcm;
  const set = Uint8Array.prototype.set;
  let copies = 0;
  for (let i = 1; i <= 200; i++) {
    mouth.pcm.set(voice(960, 48_000, 1, 960 * i));
    writeHead(out.body, i);
    Uint8Array.prototype.set = function (...values) {
      copies++;
      return set.apply(this, values);
    };
    const packet = /** @type {Uint8Array} */ (mouth.encodeAndSeal(out, key, 0, HEAD));
    Uint8Array.prototype.set = set;
    assert.is(copies, 0, 'no copy in JavaScript');
    assert.is(packet.buffer, buffer, 'the packet is a view of the memory where the PCM lies');
    assert.is(packet.byteOffset, out.body.byteOffset - 16, 'it is the body, with its msg_key');
    const pcm = /** @type {Float32Array} */ (ear.openAndDecode(into, key, 0, packet));
    assert.is(pcm.buffer, buffer);
    assert.is(
      ear.opusPacket.byteOffset,
      into.body.byteOffset + HEAD,
      'decoded where it was opened',
    );
    if (i % 50 === 0) {
      const plain = ear.opusPacket.slice();
      assert.is(
        occurrences(plain),
        1,
        'once in memory: where it was opened, and not where it was made',
      );
      into.body.fill(0);
      assert.is(occurrences(plain), 0);
    }
  }
  assert.is(core.memory.byteLength, before.size, 'the memory did not grow');
  const again = core.memory.allocate(64);
  assert.is(again.address, freeAt, 'the allocator stands where it stood');
  again.release();
  parts.close();
});

voicePacket('10,000 frames each way: memory stays where it is', async () => {
  const parts = await pair();
  const { mouth, ear, out, into } = parts;
  mouth.encoder.configure({ frameMs: 2.5, complexity: 0 });
  const size = core.memory.byteLength;
  mouth.pcm.set(voice(120, 48_000));
  for (let i = 1; i <= 10_000; i++) {
    writeHead(out.body, i);
    const packet = /** @type {Uint8Array} */ (mouth.encodeAndSeal(out, key, 0, HEAD));
    assert.is(ear.openAndDecode(into, key, 0, packet)?.length, 120);
  }
  assert.is(core.memory.byteLength, size);
  parts.close();
});

voicePacket('a message with its length, and others behind it', async () => {
  const parts = await pair();
  const { mouth, ear, out, into } = parts;
  const opusPacket = mouth.encode(voice(960, 48_000)).slice();
  const head = writeHead(out.body, 1, { single: false, length: 12 + opusPacket.length });
  out.body.set(opusPacket, head);
  out.body.fill(7, head + opusPacket.length, head + opusPacket.length + 5);
  const packet = out.sealCall(key, 0, head + opusPacket.length + 5);
  assert.is(ear.openAndDecode(into, key, 0, packet)?.length, 960);
  assert.equal(ear.opusPacket, opusPacket);
  assert.is(ear.openAndDecodeInt16(into, key, 0, packet), null, 'a replay');
  parts.close();
});

voicePacket('what is wrong gives null, and leaves the decoder alone', async () => {
  const parts = await pair();
  const { mouth, ear, out, into } = parts;
  const opusPacket = mouth.encode(voice(960, 48_000)).slice();
  /** @param {[at: number, ...bytes: number[]]} change bytes put over the body */
  const seal = (counter, change = [0], options = {}, payload = opusPacket) => {
    const head = writeHead(out.body, counter, options);
    out.body.set(payload, head);
    const [at, ...bytes] = change;
    out.body.set(bytes, at);
    return out.sealCall(key, 0, head + payload.length).slice();
  };
  assert.ok(ear.openAndDecode(into, key, 0, seal(5)));
  const { finalRange } = ear;
  const flipped = seal(6);
  flipped[30] ^= 1;
  for (const [what, packet] of Object.entries({
    'another sender': seal(6),
    mutated: flipped,
    'the same counter': seal(5),
    'an older one': seal(4),
    'another type': seal(6, [4, 4]),
    'another payload': seal(6, [0], { payloadType: 112 }),
    'another version': seal(6, [5, 0x40]),
    'too many sources': seal(6, [5, 0x8f], {}, opusPacket.subarray(0, 30)),
    'an extension that is too long': seal(6, [5, 0x90], {}, Uint8Array.of(0, 0, 255, 0, 1)),
    'padding of everything': seal(6, [5, 0xa0], {}, Uint8Array.of(0xfc, 1, 2, 4)),
    'padding beyond': seal(6, [5, 0xa0], {}, Uint8Array.of(0xfc, 1, 2, 200)),
    'padding of nothing': seal(6, [5, 0xa0], {}, Uint8Array.of(0xfc, 1, 2, 0)),
    'a length beyond the end': seal(6, [0], { single: false, length: 2000 }),
    'no voice': seal(6, [0], {}, new Uint8Array()),
    'no Opus': seal(6, [0], {}, Uint8Array.of(0x83, 0x80)),
    empty: new Uint8Array(),
    long: new Uint8Array(3000),
  })) {
    const x = what === 'another sender' ? 8 : 0;
    assert.is(ear.openAndDecode(into, key, x, packet), null, what);
    assert.is(ear.finalRange, finalRange, what);
  }
  const random = prng(9);
  for (let i = 0; i < 300; i++) {
    const packet = seal(6, [random.int(40), ...random.bytes(random.int(200))]);
    const pcm = ear.openAndDecode(into, key, 0, packet);
    if (pcm) assert.ok(pcm.every(Number.isFinite));
  }
  assert.is(ear.conceal(960).length, 960);
  assert.ok(ear.openAndDecode(into, key, 0, seal(0x3fffffff)));
  parts.close();
});

voicePacket('silence is not sealed, and the packet keeps within its buffer', async () => {
  const parts = await pair();
  const { mouth, ear, into } = parts;
  const small = core.crypto.createPacketBuffer(80);
  mouth.pcm.set(voice(960, 48_000));
  writeHead(small.body, 1);
  mouth.encoder.bitrate = 'max';
  const packet = /** @type {Uint8Array} */ (mouth.encodeAndSeal(small, key, 0, HEAD));
  assert.ok(packet.length <= 96);
  assert.is(ear.openAndDecode(into, key, 0, packet)?.length, 960);
  writeHead(small.body, 2);
  assert.is(mouth.encodeAndSeal(small, key, 0, HEAD, { silenceBytes: 1275 }), null);
  small.close();
  parts.close();
});

voicePacket('wrong arguments and closed handles', async () => {
  const parts = await pair();
  const { mouth, ear, out, into } = parts;
  const other = createCallCore();
  const foreign = other.crypto.createSharedKey(prng(5).bytes(256));
  const seal = (/** @type {any} */ ...args) => codeOf(() => mouth.encodeAndSeal.apply(mouth, args));
  assert.is(seal(out, foreign, 0, HEAD), 'bad-argument');
  assert.is(seal(out, key, 1, HEAD), 'bad-argument');
  assert.is(seal(out, key, 0, 4), 'bad-argument');
  assert.is(seal(out, key, 0, 1420), 'bad-argument');
  assert.is(seal(out, null, 0, HEAD), 'bad-argument');
  const open = (/** @type {any} */ ...args) => codeOf(() => ear.openAndDecode.apply(ear, args));
  assert.is(open(into, foreign, 0, new Uint8Array(90)), 'bad-argument');
  assert.is(open(into, key, 0, 'packet'), 'bad-argument');
  assert.is(
    codeOf(() => ear.conceal(961)),
    'frame-size',
  );
  parts.close();
  parts.close();
  assert.is(seal(out, key, 0, HEAD), 'released');
  assert.is(open(into, key, 0, new Uint8Array(90)), 'released');
  assert.is(
    codeOf(() => mouth.pcm),
    'released',
  );
  assert.is(
    codeOf(() => ear.finalRange),
    'released',
  );
  other.close();
});

voicePacket(
  'buffers of another core, and what is no buffer, are refused before anything is written',
  async () => {
    const parts = await pair();
    const { mouth, ear, out } = parts;
    const other = createCallCore();
    const theirs = other.crypto.createPacketBuffer(1436);
    const theirKey = other.crypto.createSharedKey(new Uint8Array(256).fill(1));
    const before = theirs.body.slice();
    assert.is(
      codeOf(() => mouth.encodeAndSeal(theirs, theirKey, 0, HEAD)),
      'bad-argument',
    );
    assert.is(
      codeOf(() => ear.openAndDecode(theirs, theirKey, 0, new Uint8Array(90))),
      'bad-argument',
    );
    assert.equal(theirs.body, before);
    for (const odd of /** @type {any[]} */ ([undefined, null, 0, {}, new Uint8Array(90)])) {
      assert.is(
        codeOf(() => mouth.encodeAndSeal(odd, key, 0, HEAD)),
        'bad-argument',
      );
      assert.is(
        codeOf(() => ear.openAndDecode(odd, key, 0, new Uint8Array(90))),
        'bad-argument',
      );
      assert.is(
        codeOf(() => new OpeningDecoder(odd, FORMAT)),
        'bad-argument',
      );
    }
    for (const silenceBytes of [-1, NaN, 1e10]) {
      assert.is(
        codeOf(() => mouth.encodeAndSeal(out, key, 0, HEAD, { silenceBytes })),
        'bad-argument',
      );
    }
    writeHead(out.body, 1);
    assert.ok(mouth.encodeAndSeal(out, key, 0, HEAD));
    parts.close();
    other.close();
  },
);

voicePacket.run();
