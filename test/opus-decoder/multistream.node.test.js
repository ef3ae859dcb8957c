// Several streams in one packet, beside opus-decoder.
import { OpusDecoder as PeerDecoder } from 'opus-decoder';
import { createOpus, OpusDecoder, OpusMultistreamDecoder } from 'sottovoce/opus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../support/opus.js';
import { packetsOf } from './fixture.js';

const multistream = suite('opus multistream');
const opus = createOpus();

const twenty = (packets) => packets.filter((packet) => opus.packetSamples(packet) === 960);
/** Packets of 20 ms: stereo music, stereo speech, mono speech in two modes. */
const SOURCES = ['celt', 'silk-stereo-fec', 'hybrid', 'silk-mono'].map((name) =>
  twenty(packetsOf(name)).slice(0, 20),
);

/** One packet of each stream, all but the last self-delimited. */
function combine(packets) {
  const repacketizer = opus.createRepacketizer();
  const parts = packets.map((packet, i) => {
    repacketizer.clear();
    repacketizer.append(packet);
    return [...repacketizer.write({ selfDelimited: i < packets.length - 1 })];
  });
  repacketizer.close();
  return Uint8Array.from(parts.flat());
}

/** A self-delimited packet with nothing behind it. */
function delimited(packet) {
  const repacketizer = opus.createRepacketizer();
  repacketizer.append(packet);
  const bytes = repacketizer.write({ selfDelimited: true }).slice();
  repacketizer.close();
  return bytes;
}

const LAYOUTS = [
  { channels: 1, streamCount: 1, coupledCount: 0, mapping: [0], sources: [2] },
  { channels: 2, streamCount: 1, coupledCount: 1, mapping: [0, 1], sources: [0] },
  { channels: 3, streamCount: 2, coupledCount: 1, mapping: [0, 2, 1], sources: [0, 2] },
  { channels: 4, streamCount: 2, coupledCount: 2, mapping: [0, 1, 2, 3], sources: [0, 1] },
  {
    channels: 6,
    streamCount: 4,
    coupledCount: 2,
    mapping: [0, 4, 1, 2, 3, 5],
    sources: [0, 1, 2, 3],
  },
];

for (const { sources, ...layout } of LAYOUTS) {
  multistream(
    `${layout.channels} channels as opus-decoder has them, given or by default`,
    async () => {
      const given = new OpusMultistreamDecoder(layout);
      const usual = new OpusMultistreamDecoder({ channels: layout.channels });
      const peer = /** @type {any} */ (
        new PeerDecoder({
          channels: layout.channels,
          streamCount: layout.streamCount,
          coupledStreamCount: layout.coupledCount,
          channelMappingTable: layout.mapping,
          preSkip: 0,
        })
      );
      await peer.ready;
      let squares = 0;
      let count = 0;
      for (let i = 0; i < 20; i++) {
        const packet = combine(sources.map((source) => SOURCES[source][i]));
        const pcm = given.decode(packet).slice();
        assert.equal(usual.decode(packet), pcm);
        const { channelData, samplesDecoded, errors } = peer.decodeFrame(packet);
        assert.is(samplesDecoded, 960);
        assert.equal(errors, []);
        for (let c = 0; c < layout.channels; c++) {
          for (let n = 0; n < 960; n++, count++) {
            squares += (32768 * (pcm[n * layout.channels + c] - channelData[c][n])) ** 2;
          }
        }
      }
      assert.ok(squares > 0 || layout.channels === 1);
      // opus-decoder is 0.11 LSB from libopus-wasm on the music, ours 0.0003.
      assert.ok(Math.sqrt(squares / count) <= 0.2, `${Math.sqrt(squares / count)} LSB`);
      peer.free();
      given.close();
      usual.close();
    },
  );
}

multistream('each stream is what a decoder of its own gives; 255 is silence', async () => {
  const mapping = [3, 255, 0, 1, 2];
  const decoder = new OpusMultistreamDecoder({
    channels: 5,
    streamCount: 3,
    coupledCount: 1,
    mapping,
  });
  const singles = [
    await OpusDecoder.create({ channels: 2 }),
    await OpusDecoder.create({ channels: 1 }),
    await OpusDecoder.create({ channels: 1 }),
  ];
  for (let i = 0; i < 20; i++) {
    const packets = [0, 2, 3].map((source) => SOURCES[source][i]);
    const pcm = decoder.decode(combine(packets)).slice();
    const [stereo, first, second] = packets.map((packet, k) => singles[k].decode(packet).slice());
    for (let n = 0; n < 960; n++) {
      const got = [...pcm.subarray(5 * n, 5 * n + 5)];
      assert.equal(got, [second[n], 0, stereo[2 * n], stereo[2 * n + 1], first[n]]);
    }
  }
  assert.is(decoder.conceal(480).length, 5 * 480);
  decoder.reset();
  decoder.close();
  for (const single of singles) single.close();
});

multistream('wrong packets are refused and change nothing', () => {
  const make = () => new OpusMultistreamDecoder({ channels: 3 });
  const [disturbed, quiet] = [make(), make()];
  for (let i = 0; i < 10; i++) {
    const good = combine([SOURCES[0][i], SOURCES[2][i]]);
    const short = packetsOf('celt').find((packet) => opus.packetSamples(packet) === 480);
    for (const bad of [
      good.subarray(0, 30),
      delimited(SOURCES[0][i]),
      combine([SOURCES[0][i], short]),
      new Uint8Array(0),
    ]) {
      assert.is(
        codeOf(() => disturbed.decode(bad)),
        'bad-packet',
      );
    }
    assert.equal(disturbed.decode(good), quiet.decode(good).slice());
  }
  disturbed.close();
  quiet.close();
  assert.is(
    codeOf(() => quiet.decode(new Uint8Array(3))),
    'released',
  );
});

multistream('wrong layouts are refused', () => {
  for (const options of [
    { channels: 0 },
    { channels: 9 },
    { channels: 256 },
    { channels: 2, streamCount: 1 },
    { channels: 2, streamCount: 1, coupledCount: 2, mapping: [0, 1] },
    { channels: 2, streamCount: 1, coupledCount: 1, mapping: [0, 2] },
    { channels: 2, streamCount: 1, coupledCount: 1, mapping: [0] },
    { channels: 2, sampleRate: 44100 },
    { channels: 2, stream: 1 },
  ]) {
    assert.is(
      codeOf(() => new OpusMultistreamDecoder(/** @type {any} */ (options))),
      'bad-argument',
    );
  }
  const decoder = new OpusMultistreamDecoder({ channels: 2 });
  assert.is(
    codeOf(() => decoder.conceal(100)),
    'frame-size',
  );
  decoder.close();
});

multistream.run();
