// A file of another encoder. What opusdec makes of such files is compared by scripts/check-files.mjs.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeOgg } from 'sottovoce/files';
import { all } from '../support/ogg.js';
import { concat, energy } from '../support/signals.js';

const opusenc = suite('files/opusenc');
const file = readFileSync(new URL('../fixtures/ogg/speech-mono-24k.opus', import.meta.url));

opusenc('10 s of speech: as many samples as opusdec gives, and as loud', async () => {
  const audio = await decodeOgg(file);
  assert.is(audio.channels, 1);
  assert.match(audio.tags.vendor, /libopus 1\.3\.1/);
  const pcm = concat(await all(audio));
  assert.is(pcm.length, 480_000);
  // opusdec: 3826.018 in 16-bit units
  assert.ok(Math.abs(32_768 * Math.sqrt(energy(pcm) / pcm.length) - 3826.018) < 1);
});

opusenc.run();
