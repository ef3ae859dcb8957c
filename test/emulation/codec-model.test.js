import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codecModel } from 'sottovoce/emulation';

const model = suite('emulation/codec-model');
const format = { sampleRate: /** @type {const} */ (48_000), channels: /** @type {const} */ (1) };

model('packets have the size of the rate and carry their number', async () => {
  const codec = codecModel({ bitrate: 24_000, silent: (n) => n === 4 });
  const encoder = await codec.createEncoder(format, {
    fec: true,
    expectedLossPercent: 10,
    dtx: true,
  });
  const decoder = await codec.createDecoder(format);
  const first = encoder.encode(new Float32Array(960)).slice();
  assert.is(first.length, 60);
  assert.is(codec.packetDuration(first), 960);
  assert.is(codec.frameOf(first), 0);
  assert.ok(codec.hasFec(first));
  encoder.configure?.({ bitrate: 12_000 });
  const second = encoder.encode(new Float32Array(2880)).slice();
  assert.is(second.length, 90);
  assert.is(codec.packetDuration(second), 2880);
  assert.not(codec.hasFec(second), 'no FEC at that rate');
  assert.is(decoder.decode(second).length, 2880);
  assert.is(decoder.decode(second)[0] * 2 ** 30, 1);
  assert.is(decoder.decodeFec(second, 960)[0], 0);
  assert.is(decoder.conceal(480).length, 480);
  encoder.encode(new Float32Array(960));
  encoder.encode(new Float32Array(960));
  const silence = encoder.encode(new Float32Array(960));
  assert.is(silence.length, 1);
  assert.is(codec.packetDuration(silence), 960);
  assert.is(codec.packetDuration(new Uint8Array(60)), 0);
  assert.is(codec.frameOf(new Uint8Array(3)), -1);
});

model.run();
