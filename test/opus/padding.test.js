import fc from 'fast-check';
import { createOpus } from 'sottovoce/opus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, makeFrames, makePacket } from '../support/opus.js';

const padding = suite('opus padding');
const opus = createOpus();

padding('every length from the shortest on, for every code', () => {
  const packets = [
    makePacket(1, false, 0, makeFrames([9])),
    makePacket(1, true, 1, makeFrames([9, 9])),
    makePacket(1, false, 2, makeFrames([253, 4])),
    makePacket(31, true, 3, makeFrames([5, 5, 5])),
    makePacket(31, false, 3, makeFrames([5, 300, 0]), { vbr: true }),
  ];
  for (const packet of packets) {
    const { frameSizes } = opus.inspectPacket(packet);
    for (let length = packet.length; length < packet.length + 800; length += 1) {
      const padded = opus.padPacket(packet, length);
      assert.is(padded.length, length);
      const copy = padded.slice();
      assert.equal(opus.inspectPacket(copy).frameSizes, frameSizes);
      assert.equal(opus.unpadPacket(copy), packet);
    }
  }
});

padding('is zero bytes, written over whatever was there', () => {
  const packet = makePacket(1, false, 0, makeFrames([9]));
  opus.padPacket(makePacket(1, false, 0, [new Uint8Array(1200).fill(0xff)]), 1300);
  const padded = opus.padPacket(packet, 100);
  const { paddingBytes } = opus.inspectPacket(padded.slice());
  assert.is(paddingBytes, 100 - 9 - 3);
  assert.equal(opus.padPacket(packet, 100).subarray(12), new Uint8Array(88));
});

padding('unpad gives the shortest framing', () => {
  const frames = makeFrames([8, 8]);
  const wide = makePacket(1, false, 3, frames, { vbr: true, padding: 700 });
  assert.equal(opus.unpadPacket(wide), makePacket(1, false, 1, frames));
  const one = makePacket(1, false, 3, frames.slice(1), { padding: 1 });
  assert.equal(opus.unpadPacket(one), makePacket(1, false, 0, frames.slice(1)));
});

padding('pads what is padded to another length', () => {
  const packet = makePacket(1, false, 0, makeFrames([9]));
  const wide = opus.padPacket(packet, 500).slice();
  assert.equal(opus.padPacket(wide, 20).slice(), opus.padPacket(packet, 20));
});

padding('dst owns its bytes', () => {
  const packet = makePacket(1, false, 0, makeFrames([9]));
  const dst = new Uint8Array(64);
  const padded = opus.padPacket(packet, 40, dst);
  assert.is(padded.buffer, dst.buffer);
  assert.is(padded.length, 40);
  opus.padPacket(packet, 60);
  assert.equal(opus.unpadPacket(padded), packet);
});

padding('wrong arguments and hostile packets', () => {
  const packet = makePacket(1, false, 0, makeFrames([9]));
  const code = (call) => codeOf(call);
  assert.is(
    code(() => opus.padPacket(packet, 9)),
    'buffer-too-small',
  );
  assert.is(
    code(() => opus.padPacket(packet, 65_537)),
    'bad-argument',
  );
  assert.is(
    code(() => opus.padPacket(packet, 20.5)),
    'bad-argument',
  );
  assert.is(
    code(() => opus.padPacket(packet, 20, new Uint8Array(19))),
    'buffer-too-small',
  );
  assert.is(
    code(() => opus.padPacket(packet, 20, /** @type {any} */ ([]))),
    'bad-argument',
  );
  assert.is(
    code(() => opus.padPacket(Uint8Array.of(3), 20)),
    'bad-packet',
  );
  assert.is(
    code(() => opus.unpadPacket(new Uint8Array())),
    'bad-packet',
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (any) => {
      try {
        const bare = opus.unpadPacket(any);
        return bare.length <= any.length && opus.unpadPacket(bare.slice()).length === bare.length;
      } catch (error) {
        return /** @type {any} */ (error).code === 'bad-packet';
      }
    }),
    { seed: 3, numRuns: 100 },
  );
});

padding.run();
