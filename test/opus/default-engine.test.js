// The engine when none is chosen: our own code, both ways, in every runtime.
import { OpusDecoder, OpusEncoder, ownEngine } from 'sottovoce/opus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rejectionOf } from '../support/opus.js';
import { voice } from '../support/signals.js';

const defaultEngine = suite('opus default engine');

defaultEngine('decodes everywhere, and shows the final range', async () => {
  const decoder = await OpusDecoder.create();
  assert.is(decoder.decode(Uint8Array.of(0xfc, 1, 2, 3)).length, 960);
  assert.ok(decoder.finalRange > 0);
  decoder.close();
});

defaultEngine('encodes everywhere, with our own code', async () => {
  const [encoder, same] = [
    await OpusEncoder.create(),
    await OpusEncoder.create({ engine: ownEngine() }),
  ];
  const decoder = await OpusDecoder.create();
  for (let i = 0; i < 3; i++) {
    const pcm = voice(960, 48_000, 1, 960 * i);
    const packet = encoder.encode(pcm).slice();
    assert.equal(same.encode(pcm), packet);
    assert.is(decoder.decode(packet).length, 960);
    assert.is(decoder.finalRange, encoder.finalRange);
  }
  for (const handle of [encoder, same, decoder]) handle.close();
});

defaultEngine('wrong options are found', async () => {
  const wrong = /** @type {any} */ ({ sampleRate: 44_100 });
  assert.is(await rejectionOf(OpusEncoder.create(wrong)), 'bad-argument');
  assert.is(await rejectionOf(OpusDecoder.create(wrong)), 'bad-argument');
});

defaultEngine.run();
