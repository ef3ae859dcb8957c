// The engines when none is chosen: libopus encodes, loaded by dynamic import; our own code decodes.
import { OpusDecoder, OpusEncoder, ownEngine } from 'sottovoce/opus';
import { libopusEngine } from 'sottovoce/opus/libopus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rejectionOf } from '../support/opus.js';
import { voice } from '../support/signals.js';

const defaultEngine = suite('opus default engine');

const worklet = 'AudioWorkletGlobalScope' in globalThis;

defaultEngine('cannot be loaded in an AudioWorklet, and says what to do', async () => {
  if (!worklet) return;
  assert.is(await rejectionOf(OpusEncoder.create()), 'not-supported');
});

defaultEngine('decodes everywhere, and shows the final range', async () => {
  const decoder = await OpusDecoder.create();
  assert.is(decoder.decode(Uint8Array.of(0xfc, 1, 2, 3)).length, 960);
  assert.ok(decoder.finalRange > 0);
  decoder.close();
});

defaultEngine('encodes with libopus', async () => {
  if (worklet) return;
  const [encoder, same] = [
    await OpusEncoder.create(),
    await OpusEncoder.create({ engine: libopusEngine() }),
  ];
  const decoder = await OpusDecoder.create();
  for (let i = 0; i < 3; i++) {
    const pcm = voice(960, 48_000, 1, 960 * i);
    const packet = encoder.encode(pcm).slice();
    assert.equal(same.encode(pcm), packet);
    assert.is(decoder.decode(packet).length, 960);
  }
  for (const handle of [encoder, same, decoder]) handle.close();
});

defaultEngine('our own encoder needs no loading', async () => {
  const encoder = await OpusEncoder.create({ engine: ownEngine(), application: 'low-delay' });
  const decoder = await OpusDecoder.create();
  for (let i = 0; i < 3; i++) {
    assert.is(decoder.decode(encoder.encode(voice(960, 48_000, 1, 960 * i))).length, 960);
    assert.is(decoder.finalRange, encoder.finalRange);
  }
  encoder.close();
  decoder.close();
});

defaultEngine('wrong options are found before it is loaded', async () => {
  const wrong = /** @type {any} */ ({ sampleRate: 44_100 });
  assert.is(await rejectionOf(OpusEncoder.create(wrong)), 'bad-argument');
  assert.is(await rejectionOf(OpusDecoder.create(wrong)), 'bad-argument');
});

defaultEngine.run();
