// Our decoder behind the facade: memory, isolation, gain, format, concealment, redundancy.
import { createCallCore } from 'sottovoce/call';
import { createOpus, OpusDecoder, ownEngine } from 'sottovoce/opus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../support/opus.js';
import { prng } from '../support/prng.js';
import { packetsOf } from './fixture.js';

const decoders = suite('own opus decoder');
const switches = packetsOf('switches');
const celt = packetsOf('celt');

decoders('results are views of the memory, one block for each decoder', async () => {
  const opus = createOpus();
  const engine = ownEngine(opus);
  const [first, second] = [
    await OpusDecoder.create({ engine, channels: 2 }),
    await OpusDecoder.create({ engine, channels: 2 }),
  ];
  const a = first.decode(celt[0]);
  assert.is(a.buffer, opus.memory.view(0, 1).buffer, 'no copy');
  const kept = a.slice();
  const b = second.decode(celt[1]);
  assert.is.not(b.byteOffset, a.byteOffset);
  assert.equal(a, kept, "borrowed until this decoder's next call, not another's");
  assert.is(first.decode(celt[1]).byteOffset, a.byteOffset);
  first.close();
  second.close();
  opus.close();
});

decoders('10,000 frames move neither memory nor allocator', async () => {
  const opus = createOpus();
  const decoder = await OpusDecoder.create({ engine: ownEngine(opus), channels: 2 });
  const size = opus.memory.byteLength;
  assert.ok(size <= 512 * 1024, `${size} bytes for the first decoder`);
  const probe = () => {
    const block = opus.memory.allocate(64);
    const { address } = block;
    block.release();
    return address;
  };
  const before = probe();
  for (let i = 0; i < 10_000; i++) {
    const packet = switches[i % switches.length];
    if (i % 50 === 7) decoder.conceal(960);
    else if (i % 50 === 9) decoder.decodeFecInt16(packet, 960);
    else if (i % 2) decoder.decode(packet);
    else decoder.decodeInt16(packet);
  }
  assert.is(opus.memory.byteLength, size);
  assert.is(probe(), before);
  decoder.close();
});

decoders('two thousand decoders in one instance; 40 KB of state at most', async () => {
  const opus = createOpus();
  const { exports } = /** @type {any} */ (opus).decoderCore.instance;
  assert.ok(exports.opusDecoderSize() <= 40 * 1024, `${exports.opusDecoderSize()} bytes`);
  const engine = ownEngine(opus);
  const all = [];
  for (let i = 0; i < 2000; i++) {
    all.push(await OpusDecoder.create({ engine, sampleRate: 16000, channels: 1 }));
  }
  const [packet] = celt;
  const first = all[0].decode(packet).slice();
  assert.equal(all[1999].decode(packet), first);
  for (const decoder of all) decoder.close();
});

decoders('a decoder in the memory of the call core', async () => {
  const core = createCallCore();
  const decoder = await OpusDecoder.create({ engine: ownEngine(core.opus), channels: 1 });
  assert.is(decoder.decode(celt[0]).buffer, core.memory.view(0, 1).buffer);
  decoder.close();
  core.close();
});

decoders('interleaved decoders do not disturb each other', async () => {
  const formats = /** @type {const} */ ([
    { sampleRate: 48000, channels: 2 },
    { sampleRate: 16000, channels: 1 },
    { sampleRate: 24000, channels: 2 },
    { sampleRate: 8000, channels: 1 },
  ]);
  const alone = [];
  for (const format of formats) {
    const decoder = await OpusDecoder.create(format);
    alone.push(switches.map((packet) => decoder.decode(packet).slice()));
    decoder.close();
  }
  const together = await Promise.all(formats.map((format) => OpusDecoder.create(format)));
  for (const [i, packet] of switches.entries()) {
    for (const [k, decoder] of together.entries()) {
      assert.equal(decoder.decode(packet), alone[k][i]);
    }
  }
  for (const decoder of together) decoder.close();
});

decoders('reset is as good as a new decoder', async () => {
  const decoder = await OpusDecoder.create({ channels: 2, gain: 3 });
  const first = switches.map((packet) => decoder.decode(packet).slice());
  decoder.conceal(960);
  decoder.reset();
  assert.is(decoder.finalRange, 0);
  for (const [i, packet] of switches.entries()) assert.equal(decoder.decode(packet), first[i]);
  decoder.reset();
  assert.ok(decoder.conceal(960).every((x) => x === 0));
  decoder.close();
});

decoders('gain in dB, before soft clipping', async () => {
  const [plain, loud] = [
    await OpusDecoder.create({ channels: 2 }),
    await OpusDecoder.create({ channels: 2, gain: 20 }),
  ];
  const clipped = await OpusDecoder.create({ channels: 2, gain: 20 });
  for (const packet of celt.slice(0, 20)) {
    const a = plain.decode(packet);
    const b = loud.decode(packet);
    const c = clipped.decodeInt16(packet);
    for (let i = 0; i < a.length; i++) {
      assert.ok(Math.abs(b[i] - 10 * a[i]) <= 1e-6 * Math.abs(b[i]) + 1e-12);
      assert.ok(c[i] * a[i] >= 0 || Math.abs(c[i]) <= 1, 'no wrap');
    }
  }
  for (const decoder of [plain, loud, clipped]) decoder.close();
});

decoders('an error changes nothing', async () => {
  const random = prng(11);
  const [disturbed, quiet] = [
    await OpusDecoder.create({ channels: 2 }),
    await OpusDecoder.create({ channels: 2 }),
  ];
  const bad = [Uint8Array.of(), Uint8Array.of(3), Uint8Array.of(0xff, 0), new Uint8Array(2000)];
  for (const packet of switches) {
    const wrong = bad[random.int(bad.length)];
    assert.is(
      codeOf(() => disturbed.decode(wrong)),
      'bad-packet',
    );
    assert.is(
      codeOf(() => disturbed.decodeFec(wrong, 960)),
      'bad-packet',
    );
    assert.is(
      codeOf(() => disturbed.decode(packet, new Float32Array(3))),
      'buffer-too-small',
    );
    assert.is(
      codeOf(() => disturbed.conceal(100)),
      'frame-size',
    );
    assert.equal(disturbed.decode(packet), quiet.decode(packet).slice());
    assert.is(disturbed.finalRange, quiet.finalRange);
  }
  disturbed.close();
  quiet.close();
});

decoders('no byte after a packet is read', async () => {
  const opus = createOpus();
  const decoder = await OpusDecoder.create({ engine: ownEngine(opus), channels: 2 });
  const { packet: block } = /** @type {any} */ (opus).decoderCore;
  const decodeAll = (rest) => {
    decoder.reset();
    return switches.map((packet) => {
      block.bytes.fill(rest);
      return decoder.decode(packet).slice();
    });
  };
  assert.equal(decodeAll(0), decodeAll(255));
  decoder.close();
  opus.close();
});

decoders(
  'whatever arrives, output stays finite, and a good stream within +12 dB afterwards',
  async () => {
    const random = prng(5);
    const decoder = await OpusDecoder.create({ channels: 2 });
    for (let i = 0; i < 1500; i++) {
      const packet = random.bytes(2 + random.int(120));
      packet[0] &= 0xfc; // one frame
      if (i % 7 === 0) decoder.conceal(480);
      if (i % 11 === 0) decoder.decodeFec(packet, 960);
      assert.ok(decoder.decode(packet).every((x) => Number.isFinite(x)));
    }
    let peak = 0;
    for (const packet of celt)
      for (const x of decoder.decode(packet)) peak = Math.max(peak, Math.abs(x));
    assert.ok(peak <= 4, `${peak}`);
    decoder.close();
  },
);

decoders('redundancy of the next packet comes closer than concealment', async () => {
  const packets = packetsOf('silk-stereo-fec').slice(0, 24);
  const clean = await OpusDecoder.create({ channels: 1 });
  const truth = packets.map((packet) => clean.decode(packet).slice());
  let concealed = 0;
  let repaired = 0;
  for (let lost = 8; lost < 23; lost++) {
    for (const fec of [false, true]) {
      const decoder = await OpusDecoder.create({ channels: 1 });
      for (const packet of packets.slice(0, lost)) decoder.decode(packet);
      const pcm = fec ? decoder.decodeFec(packets[lost + 1], 960) : decoder.conceal(960);
      const error = pcm.reduce((sum, x, i) => sum + (x - truth[lost][i]) ** 2, 0);
      if (fec) repaired += error;
      else concealed += error;
      decoder.close();
    }
  }
  assert.ok(repaired < 0.3 * concealed, `${repaired} against ${concealed}`);
  clean.close();
});

decoders.run();
