// Every mode, bandwidth, frame length and joint: final ranges as libopus has them, exact PCM where the
// decode is exact by definition, and the same f32 bits in every runtime.
import { createCrypto } from 'sottovoce/crypto';
import { createOpus, ownEngine } from 'sottovoce/opus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hex, littleEndian, readBitFile } from './check/bit-file.js';
import { packetsOf, streamBytes, streams as all } from './fixture.js';
import { decodeAll, decodeFloats } from './check/decode.js';

const streams = suite('opus streams');
const crypto = createCrypto();

for (const { name, configurations } of all) {
  const packets = readBitFile(streamBytes(name));

  streams(`${name}: ranges, lengths, PCM`, async () => {
    for (const { sampleRate, channels, samples, f32, s16 } of configurations) {
      const label = `${sampleRate} Hz, ${channels} channels`;
      const { pcm, ranges } = await decodeAll(ownEngine(), packets, { sampleRate, channels });
      assert.equal(
        ranges,
        packets.map(({ range }) => range),
        label,
      );
      assert.is(pcm.length, samples * channels, label);
      if (s16 !== undefined) assert.is(hex(crypto.sha256(littleEndian(pcm))), s16, label);
      const hash = crypto.createHash('sha256');
      for (const part of await decodeFloats(ownEngine(), packets, { sampleRate, channels })) {
        hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
      }
      assert.is(hex(hash.digest()), f32, `${label}: other bits than where the fixture was made`);
    }
  });
}

streams('the fixture covers all modes and codes', () => {
  const seen = new Set();
  const opus = createOpus();
  for (const { name } of all) {
    for (const packet of packetsOf(name)) {
      const { mode, bandwidth, frameSamples, code, channels } = opus.inspectPacket(packet);
      for (const item of [`${mode} ${bandwidth}`, `${mode} ${frameSamples}`, code, channels]) {
        seen.add(item);
      }
    }
  }
  for (const item of [
    'silk narrowband',
    'silk mediumband',
    'silk wideband',
    'hybrid superwideband',
    'hybrid fullband',
    'celt narrowband',
    'celt wideband',
    'celt superwideband',
    'celt fullband',
    ...[480, 960, 1920, 2880].map((samples) => `silk ${samples}`),
    ...[480, 960].map((samples) => `hybrid ${samples}`),
    ...[120, 240, 480, 960].map((samples) => `celt ${samples}`),
    ...[0, 1, 2, 3],
  ]) {
    assert.ok(seen.has(item), `${item}`);
  }
});

streams.run();
