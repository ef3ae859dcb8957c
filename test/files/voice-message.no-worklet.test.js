import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { encodeVoiceMessage, packWaveform, readOgg, unpackWaveform } from 'sottovoce/files';
import { all, rejection } from '../support/ogg.js';
import { voice } from '../support/signals.js';

const message = suite('files/voice message');

message('levels are packed five bits each, the lowest first', () => {
  assert.equal([...packWaveform([1, 2, 3])], [0x41, 0x0c]);
  assert.equal([...packWaveform([31, 0, 31])], [0x1f, 0x7c]);
  assert.equal([...packWaveform([0, 16])], [0, 2], 'across bytes');
  assert.is(packWaveform(new Uint8Array(100).fill(31)).length, 63);
  assert.is(packWaveform(new Uint8Array(100).fill(31))[62], 0x0f, 'four bits are left over');
});

message('any levels come back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 31 }), { minLength: 100, maxLength: 100 }),
      (levels) => {
        assert.equal([...unpackWaveform(packWaveform(levels))], levels);
      },
    ),
    { seed: 1, numRuns: 50 },
  );
});

message('a file that Telegram clients play, its duration and its waveform', async () => {
  const pcm = voice(48_000 * 2.6, 48_000);
  pcm.fill(0, 0, 48_000);
  const { ogg, duration, waveform } = await encodeVoiceMessage(pcm);
  assert.is(duration, 3);
  assert.is(waveform.length, 63);
  const levels = [...unpackWaveform(waveform)];
  assert.is(levels.length, 100);
  assert.equal(levels.slice(0, 38), new Array(38).fill(0), 'silence is flat');
  assert.is(Math.max(...levels), 31);
  const events = await all(readOgg(ogg));
  const [head] = events;
  assert.ok(head.kind === 'stream');
  assert.equal([head.head.channels, head.head.inputSampleRate], [1, 48_000]);
  assert.equal(events.at(-1), { kind: 'end', samples: 48_000 * 2.6 });
});

message('other rates, s16, and silence', async () => {
  const pcm = Int16Array.from(voice(16_000, 16_000), (x) => 32_767 * x);
  const { duration, ogg } = await encodeVoiceMessage(pcm, { sampleRate: 16_000 });
  assert.is(duration, 1);
  assert.equal((await all(readOgg(ogg))).at(-1), { kind: 'end', samples: 48_000 });
  const silent = await encodeVoiceMessage(new Float32Array(50));
  assert.equal([...silent.waveform], new Array(63).fill(0));
  assert.is(silent.duration, 1);
  const noisy = await encodeVoiceMessage(
    Float32Array.of(Number.NaN, 0.5, Number.POSITIVE_INFINITY),
  );
  assert.is(Math.max(...unpackWaveform(noisy.waveform)), 31);
});

message('wrong arguments are refused', async () => {
  const any = /** @type {any} */ (encodeVoiceMessage);
  assert.is((await rejection(any(null))).code, 'bad-argument');
  assert.is((await rejection(any(new Float32Array(9), { channels: 2 }))).code, 'bad-argument');
  assert.is((await rejection(any(new Float32Array()))).code, 'empty');
  assert.throws(() => packWaveform([32]), /0\.\.31/);
  assert.throws(() => unpackWaveform(/** @type {any} */ ([1])), /Uint8Array/);
});

message.run();
