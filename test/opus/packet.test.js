import fc from 'fast-check';
import { createOpus } from 'sottovoce/opus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import cases from '../fixtures/opus/packets.json' with { type: 'json' };
import { fromHex } from '../support/bytes.js';
import { codeOf, makeFrames, makePacket } from '../support/opus.js';

const packet = suite('opus packet');
const opus = createOpus();

packet('known answers: malformed, extreme and random packets', () => {
  for (const { name, hex, parse } of cases) {
    const bytes = fromHex(hex);
    if ('error' in parse) {
      assert.is(
        codeOf(() => opus.inspectPacket(bytes)),
        'bad-packet',
        name,
      );
    } else {
      const info = opus.inspectPacket(bytes);
      assert.equal(info.frameSizes, parse.sizes, name);
      assert.is(info.frameCount, parse.frames, name);
      assert.is(info.length, bytes.length, name);
    }
  }
});

packet('all 32 configurations, RFC 6716 table 2', () => {
  const silk = [10, 20, 40, 60];
  const celt = [2.5, 5, 10, 20];
  const table = [
    ['silk', 'narrowband', silk],
    ['silk', 'mediumband', silk],
    ['silk', 'wideband', silk],
    ['hybrid', 'superwideband', [10, 20]],
    ['hybrid', 'fullband', [10, 20]],
    ['celt', 'narrowband', celt],
    ['celt', 'wideband', celt],
    ['celt', 'superwideband', celt],
    ['celt', 'fullband', celt],
  ].flatMap(([mode, bandwidth, durations]) =>
    /** @type {number[]} */ (durations).map((durationMs) => ({ mode, bandwidth, durationMs })),
  );
  assert.is(table.length, 32);
  table.forEach(({ mode, bandwidth, durationMs }, config) => {
    for (const channels of [1, 2]) {
      const bytes = makePacket(config, channels === 2, 0, makeFrames([7]));
      const { fec: _, ...info } = opus.inspectPacket(bytes);
      assert.equal(info, {
        mode,
        bandwidth,
        channels,
        config,
        code: 0,
        frameSamples: durationMs * 48,
        frameCount: 1,
        frameSizes: [7],
        samples: durationMs * 48,
        durationMs,
        paddingBytes: 0,
        length: 8,
      });
      assert.is(opus.packetSamples(bytes), durationMs * 48);
    }
  });
});

packet('padding, as in the examples of RFC 6716 section 3.2.5', () => {
  const frames = makeFrames([10, 10]);
  for (const padding of [1, 253, 254, 255, 256, 508, 509, 1000]) {
    for (const vbr of [false, true]) {
      const bytes = makePacket(1, false, 3, frames, { vbr, padding });
      const info = opus.inspectPacket(bytes);
      assert.is(info.paddingBytes, padding);
      assert.equal(info.frameSizes, [10, 10]);
      bytes.fill(0xff, bytes.length - padding); // any value must be accepted
      assert.equal(opus.inspectPacket(bytes), info);
    }
  }
});

packet('the LBRR flag, RFC 6716 section 4.2.3', () => {
  const fec = (config, stereo, first) =>
    opus.inspectPacket(makePacket(config, stereo, 0, [Uint8Array.of(first, 0)])).fec;
  assert.is(fec(1, false, 0b01000000), true, '20 ms: one VAD flag, then LBRR');
  assert.is(fec(1, false, 0b10111111), false);
  assert.is(fec(0, false, 0b01000000), true, '10 ms likewise');
  assert.is(fec(2, false, 0b00100000), true, '40 ms: two VAD flags');
  assert.is(fec(3, false, 0b00010000), true, '60 ms: three');
  assert.is(fec(1, true, 0b00010000), true, 'stereo: VAD, LBRR, VAD, LBRR');
  assert.is(fec(3, true, 0b00000001), true);
  assert.is(fec(1, true, 0b10101111), false);
  assert.is(fec(15, false, 0b01000000), true, 'hybrid');
  assert.is(fec(31, false, 0b01000000), false, 'CELT has none');
});

packet('reads back what a second implementation wrote', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 1275 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 31 }),
      fc.boolean(),
      sizes,
      fc.integer({ min: 0, max: 600 }),
      fc.boolean(),
      (config, stereo, wanted, padding, selfDelimited) => {
        const silk60 = config < 12 && config % 4 === 3;
        const silk40 = config < 12 && config % 4 === 2;
        const list = wanted.slice(0, silk60 ? 2 : silk40 ? 3 : 6);
        const frames = makeFrames(list);
        const bytes = makePacket(config, stereo, 3, frames, { vbr: true, padding, selfDelimited });
        const info = opus.inspectPacket(bytes, { selfDelimited });
        assert.equal(info.frameSizes, list);
        assert.is(info.paddingBytes, padding);
        assert.is(info.length, bytes.length);
      },
    ),
    { seed: 1, numRuns: 100 },
  );
});

packet('self-delimiting framing: every code, followed by other bytes', () => {
  const forms = [
    { code: 0, sizes: [300] },
    { code: 1, sizes: [20, 20] },
    { code: 2, sizes: [20, 251] },
    { code: 3, sizes: [5, 5, 5], vbr: false },
    { code: 3, sizes: [252, 0, 1275], vbr: true },
    { code: 3, sizes: [9, 8], vbr: true, padding: 300 },
  ];
  for (const { code, sizes, vbr, padding } of forms) {
    const options = { vbr, padding, selfDelimited: true };
    const bytes = makePacket(9, false, /** @type {0} */ (code), makeFrames(sizes), options);
    const followed = Uint8Array.from([...bytes, 1, 2, 3, 4]);
    const info = opus.inspectPacket(followed, { selfDelimited: true });
    assert.is(info.length, bytes.length, `code ${code}`);
    assert.equal(info.frameSizes, sizes);
    for (let length = 0; length < bytes.length; length += length < 40 ? 1 : 37) {
      const cut = () => opus.inspectPacket(bytes.subarray(0, length), { selfDelimited: true });
      assert.is(codeOf(cut), 'bad-packet', `code ${code}, cut to ${length}`);
    }
  }
});

packet('cut anywhere: refused, or read with the last frame shorter', () => {
  const whole = makePacket(1, false, 3, makeFrames([30, 260, 20]), { vbr: true });
  for (let length = 0; length < whole.length; length++) {
    const cut = whole.subarray(0, length);
    const room = length - (whole.length - 20);
    if (room < 0) {
      assert.is(
        codeOf(() => opus.inspectPacket(cut)),
        'bad-packet',
        `${length}`,
      );
    } else assert.equal(opus.inspectPacket(cut).frameSizes, [30, 260, room]);
  }
});

packet('any bytes: a description that adds up, or bad-packet', () => {
  const bytes = fc.uint8Array({ maxLength: 80 });
  fc.assert(
    fc.property(bytes, fc.boolean(), (any, selfDelimited) => {
      let info;
      try {
        info = opus.inspectPacket(any, { selfDelimited });
      } catch (error) {
        return /** @type {any} */ (error).code === 'bad-packet';
      }
      const data = info.frameSizes.reduce((sum, size) => sum + size, 0);
      return (
        info.frameSizes.length === info.frameCount &&
        info.samples <= 5760 &&
        data + info.paddingBytes < info.length &&
        info.length <= any.length &&
        Math.max(...info.frameSizes) <= 1275
      );
    }),
    { seed: 2, numRuns: 100 },
  );
});

packet('wrong arguments', () => {
  for (const wrong of [
    undefined,
    null,
    'packet',
    [1, 2],
    new Float32Array(2),
    new ArrayBuffer(2),
  ]) {
    assert.is(
      codeOf(() => opus.inspectPacket(/** @type {any} */ (wrong))),
      'bad-argument',
    );
  }
  const bytes = Uint8Array.of(8);
  const inspect = (options) => codeOf(() => opus.inspectPacket(bytes, options));
  assert.is(inspect({ selfDelimted: true }), 'bad-argument');
  assert.is(inspect({ selfDelimited: 1 }), 'bad-argument');
  assert.is(
    codeOf(() => opus.inspectPacket(new Uint8Array(65_537))),
    'bad-packet',
  );
  assert.is(opus.inspectPacket(bytes).frameCount, 1, 'still usable');
});

packet('a closed core says so, and closes twice', () => {
  const core = createOpus();
  core.close();
  core.close();
  for (const call of [
    () => core.inspectPacket(Uint8Array.of(8)),
    () => core.packetSamples(Uint8Array.of(8)),
    () => core.padPacket(Uint8Array.of(8), 10),
    () => core.unpadPacket(Uint8Array.of(8)),
    () => core.createRepacketizer(),
  ]) {
    assert.is(codeOf(call), 'released');
  }
});

packet('does not grow the memory', () => {
  const before = opus.memory.byteLength;
  for (let i = 0; i < 1000; i++) opus.inspectPacket(Uint8Array.of(0x48, i, 3, 4));
  assert.is(opus.memory.byteLength, before);
});

packet.run();
