// prism-media 1.3, which discord.js uses, looks for its codec by the peer's name. Here the names lead to
// the adapters, as docs/migrating.md tells. It is CommonJS: this also shows that require() works.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeOgg } from 'sottovoce/files';
import { createOpus } from 'sottovoce/opus';
import { root } from '../../scripts/lib/package.mjs';
import { all, join as joined } from '../support/ogg.js';
import { concat, snr, toInt16, voice } from '../support/signals.js';

const prism = suite('adapters/prism-media');
const folder = mkdtempSync(join(tmpdir(), 'prism-'));
prism.after(() => rmSync(folder, { recursive: true, force: true }));

/** prism-media in a folder where `name` is a package that consists of `code`. */
function prismWith(name, code) {
  const modules = join(folder, name.replace('/', '-'), 'node_modules');
  mkdirSync(join(modules, name), { recursive: true });
  symlinkSync(root, join(modules, 'sottovoce'), 'junction');
  cpSync(join(root, 'node_modules/prism-media'), join(modules, 'prism-media'), { recursive: true });
  writeFileSync(join(modules, name, 'index.js'), code);
  return createRequire(join(modules, 'index.js'))('prism-media');
}

for (const [name, code] of [
  ['@discordjs/opus', "module.exports = require('sottovoce/adapters/discordjs-opus');"],
  ['opusscript', "module.exports = require('sottovoce/adapters/opusscript').default;"],
]) {
  prism(`encodes and decodes with ${name}`, async () => {
    const { opus } = prismWith(name, code);
    const options = { rate: 48_000, channels: 2, frameSize: 960 };
    const pcm = voice(960 * 20, 48_000, 2);
    const int16 = toInt16(pcm);
    const encoder = new opus.Encoder(options);
    assert.is(opus.Encoder.type, name);
    encoder.setBitrate(96_000);
    encoder.setFEC(true);
    encoder.setPLP(0.05);
    const bytes = Buffer.from(int16.buffer);
    const cut = [bytes.subarray(0, 1001), bytes.subarray(1001, 50_000), bytes.subarray(50_000)];
    const packets = await all(Readable.from(cut).pipe(encoder));
    assert.is(packets.length, 20);
    const parser = createOpus();
    for (const packet of packets) assert.is(parser.packetSamples(packet), 960);
    const decoded = await all(Readable.from(packets).pipe(new opus.Decoder(options)));
    const back = concat(
      decoded.map((part) =>
        Float32Array.from(new Int16Array(new Uint8Array(part).buffer), (x) => x / 32_768),
      ),
    );
    assert.is(back.length, pcm.length);
    assert.ok(snr(pcm, back, 624) > 10, `${snr(pcm, back, 624)} dB`);
  });
}

prism('takes our Ogg files apart', async () => {
  const { opus } = createRequire(import.meta.url)('prism-media');
  const file = joined(await all(encodeOgg(voice(48_000, 48_000))));
  const packets = await all(Readable.from([Buffer.from(file)]).pipe(new opus.OggDemuxer()));
  assert.is(packets.length, 51);
});

prism.run();
