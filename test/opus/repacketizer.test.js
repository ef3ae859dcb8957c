import { createOpus } from 'sottovoce/opus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, makeFrames, makePacket } from '../support/opus.js';

const repacketizer = suite('opus repacketizer');
const opus = createOpus();

const single = (config, frame) => makePacket(config, false, 0, [frame]);

repacketizer('merges to the shortest code and splits again', () => {
  const handle = opus.createRepacketizer();
  const equal = makeFrames([20, 20, 20]);
  const different = makeFrames([20, 300, 1275]);
  const forms = [
    { frames: equal, codes: [0, 1, 3] },
    { frames: different, codes: [0, 2, 3] },
  ];
  for (const { frames, codes } of forms) {
    handle.clear();
    frames.forEach((frame, i) => {
      assert.is(handle.append(single(9, frame)), i + 1);
      const code = /** @type {0} */ (codes[i]);
      const joint = makePacket(9, false, code, frames.slice(0, i + 1), {
        vbr: frames === different && i > 0,
      });
      assert.equal(handle.write(), joint);
      assert.equal(
        opus.inspectPacket(joint).frameSizes,
        frames.slice(0, i + 1).map((f) => f.length),
      );
    });
    frames.forEach((frame, i) => {
      assert.equal(handle.write({ begin: i, end: i + 1 }), single(9, frame));
    });
    assert.equal(opus.inspectPacket(handle.write({ begin: 1 }).slice()).frameCount, 2);
  }
  handle.close();
});

repacketizer('takes packets of several frames, without their padding', () => {
  const frames = makeFrames([4, 5, 6, 7]);
  const handle = opus.createRepacketizer();
  handle.append(makePacket(9, true, 2, frames.slice(0, 2)));
  handle.append(makePacket(9, true, 3, frames.slice(2), { vbr: true, padding: 300 }));
  assert.is(handle.frameCount, 4);
  assert.equal(handle.write(), makePacket(9, true, 3, frames, { vbr: true }));
  assert.equal(opus.inspectPacket(handle.write({ length: 400 }).slice()).frameSizes, [4, 5, 6, 7]);
  handle.close();
});

repacketizer('reads and writes self-delimiting framing', () => {
  const frames = makeFrames([4, 260, 4]);
  const options = { vbr: true, selfDelimited: true };
  const delimited = makePacket(9, false, 3, frames, options);
  const handle = opus.createRepacketizer();
  handle.append(Uint8Array.from([...delimited, 9, 9, 9]), { selfDelimited: true });
  assert.equal(handle.write({ selfDelimited: true }), delimited);
  assert.equal(handle.write(), makePacket(9, false, 3, frames, { vbr: true }));
  for (const length of [delimited.length + 1, delimited.length + 600]) {
    const padded = handle.write({ selfDelimited: true, length }).slice();
    const info = opus.inspectPacket(padded, { selfDelimited: true });
    assert.equal(info.frameSizes, [4, 260, 4]);
    assert.is(info.length, length);
  }
  handle.close();
});

repacketizer('48 of the largest frames', () => {
  const frame = makeFrames([1275])[0];
  const handle = opus.createRepacketizer();
  for (let i = 0; i < 48; i++) handle.append(single(28, frame));
  const joint = handle.write().slice();
  assert.is(joint.length, 2 + 48 * 1275);
  assert.is(opus.packetSamples(joint), 5760);
  assert.equal(handle.write({ begin: 47 }), single(28, frame));
  assert.is(
    codeOf(() => handle.append(single(28, frame))),
    'incompatible-packet',
  );
  assert.is(handle.frameCount, 48);
  handle.close();
});

repacketizer('refuses what cannot share a packet, and keeps what it holds', () => {
  const frame = makeFrames([10])[0];
  const handle = opus.createRepacketizer();
  handle.append(single(9, frame));
  const held = handle.write().slice();
  const refused = (packet) => codeOf(() => handle.append(packet));
  assert.is(refused(single(8, frame)), 'incompatible-packet', 'another frame size');
  assert.is(refused(single(5, frame)), 'incompatible-packet', 'another bandwidth');
  assert.is(refused(makePacket(9, true, 0, [frame])), 'incompatible-packet', 'stereo');
  const six = makePacket(9, false, 3, makeFrames([1, 1, 1, 1, 1, 1]));
  assert.is(refused(six), 'incompatible-packet', '140 ms');
  assert.is(refused(Uint8Array.of(3)), 'bad-packet');
  assert.is(refused(/** @type {any} */ ('x')), 'bad-argument');
  assert.equal(handle.write(), held);
  handle.close();
});

repacketizer('wrong ranges and lengths', () => {
  const handle = opus.createRepacketizer();
  const code = (options, dst) => codeOf(() => handle.write(options, dst));
  assert.is(code(), 'bad-argument', 'nothing held');
  handle.append(single(9, makeFrames([10])[0]));
  for (const options of [{ begin: 1 }, { end: 2 }, { begin: -1 }, { end: 0 }, { first: 0 }, null]) {
    assert.is(code(options), 'bad-argument', JSON.stringify(options));
  }
  assert.is(code({ length: 10 }), 'buffer-too-small');
  assert.is(code({ length: 65_537 }), 'bad-argument');
  assert.is(code({}, new Uint8Array(10)), 'buffer-too-small');
  const dst = new Uint8Array(11);
  assert.is(handle.write({}, dst).buffer, dst.buffer);
  handle.close();
});

repacketizer('released: said so, wiped, closes twice, memory used again', () => {
  const core = createOpus();
  const first = core.createRepacketizer();
  const grown = core.memory.byteLength;
  first.close();
  first.close();
  for (const call of [
    () => first.append(Uint8Array.of(8)),
    () => first.write(),
    () => first.clear(),
  ]) {
    assert.is(codeOf(call), 'released');
  }
  for (let i = 0; i < 20; i++) core.createRepacketizer().close();
  assert.is(core.memory.byteLength, grown);
  const last = core.createRepacketizer();
  core.close();
  assert.is(
    codeOf(() => last.append(Uint8Array.of(8))),
    'released',
  );
});

repacketizer.run();
