// node scripts/make-opus-streams.mjs: writes test/fixtures/opus/streams.json, short streams that touch
// every mode, bandwidth, frame length, packet code and joint, made by libopus from the demo's speech and
// from tones and noise. Needed only when the set is to change; the result is in the repository.
//   ranges      by libopus, in the packets' headers
//   s16         SHA-256 by libopus, where the decode is exact by definition (SILK alone)
//   f32         SHA-256 by our decoder when this ran: the same bits are expected in every runtime
import './ready.mjs';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { installContestants } from './lib/contestants.mjs';
import { root } from './lib/package.mjs';

installContestants();
const { evan } = await import('../bench/contestants/evan.mjs');
const { readWav } = await import('../examples/demo/wav.mjs');
const { createOpus, ownEngine } = await import('sottovoce/opus');
const { libopusEngine } = await import('sottovoce/opus/libopus');
const { decodeAll, decodeFloats } = await import('../test/opus-decoder/check/decode.js');
const { littleEndian } = await import('../test/opus-decoder/check/bit-file.js');
const { Encoder, Decoder } = evan(true);

const speech = readWav(`${root}examples/demo/demo-speech.wav`).pcm;

/** Chords that are struck twice a second, with a noise at each stroke. */
function music(n, c) {
  const t = n / 48000;
  const age = t % 0.5;
  const root = 110 * 2 ** (((Math.floor(t / 0.5) * 5) % 12) / 12);
  let x = 0.15 * Math.exp(-60 * age) * Math.sin(n * n * (c + 1.3));
  for (const [i, ratio] of [1, 1.26, 1.5, 2, 3, 5].entries()) {
    x +=
      0.1 *
      Math.exp(-3 * age * (1 + i)) *
      Math.sin(2 * Math.PI * root * ratio * t * (1 + 0.002 * c));
  }
  return x;
}
const voice = (n, c) => (c === 0 ? 1 : 0.6) * (speech[n + 30 * c] ?? 0);

/** Steps: [packets, samples of a frame, sound, controls of libopus]. */
const MODE = 11002;
const BANDWIDTH = 4008;
const [NB, MB, WB, SWB, FB] = [1101, 1102, 1103, 1104, 1105];
const [SILK, HYBRID, CELT] = [1000, 1001, 1002];
const BITRATE = 4002;
const STREAMS = {
  'silk-mono': [
    [
      20,
      960,
      voice,
      [
        [MODE, SILK],
        [BANDWIDTH, NB],
        [BITRATE, 12000],
      ],
    ],
    [16, 480, voice, [[BANDWIDTH, MB]]],
    [
      8,
      1920,
      voice,
      [
        [BANDWIDTH, WB],
        [BITRATE, 16000],
      ],
    ],
    [5, 2880, voice, []],
  ],
  'silk-stereo-fec': [
    [
      24,
      960,
      voice,
      [
        [MODE, SILK],
        [BANDWIDTH, WB],
        [BITRATE, 30000],
        [4012, 1],
        [4014, 20],
      ],
    ],
    [8, 2880, voice, []],
    [
      16,
      960,
      voice,
      [
        [BANDWIDTH, NB],
        [BITRATE, 14000],
      ],
    ],
  ],
  hybrid: [
    [
      25,
      960,
      voice,
      [
        [MODE, HYBRID],
        [BANDWIDTH, SWB],
        [BITRATE, 26000],
      ],
    ],
    [
      25,
      480,
      voice,
      [
        [BANDWIDTH, FB],
        [BITRATE, 36000],
      ],
    ],
  ],
  celt: [
    [
      30,
      960,
      music,
      [
        [MODE, CELT],
        [BANDWIDTH, FB],
        [BITRATE, 64000],
      ],
    ],
    [16, 480, music, [[BANDWIDTH, SWB]]],
    [24, 240, music, [[BANDWIDTH, WB]]],
    [
      32,
      120,
      music,
      [
        [BANDWIDTH, NB],
        [BITRATE, 48000],
      ],
    ],
  ],
  switches: [
    [
      8,
      960,
      voice,
      [
        [MODE, SILK],
        [BANDWIDTH, WB],
        [BITRATE, 24000],
      ],
    ],
    [
      8,
      960,
      music,
      [
        [MODE, CELT],
        [BANDWIDTH, FB],
        [BITRATE, 48000],
      ],
    ],
    [
      8,
      960,
      voice,
      [
        [MODE, HYBRID],
        [4022, 1],
        [BITRATE, 32000],
      ],
    ],
    [
      8,
      960,
      voice,
      [
        [MODE, SILK],
        [BANDWIDTH, WB],
      ],
    ],
    [
      8,
      960,
      voice,
      [
        [MODE, HYBRID],
        [BANDWIDTH, FB],
        [4022, 2],
        [BITRATE, 40000],
      ],
    ],
    [8, 480, music, [[MODE, CELT]]],
    [
      8,
      960,
      voice,
      [
        [MODE, SILK],
        [BANDWIDTH, NB],
        [BITRATE, 12000],
      ],
    ],
  ],
};
const CHANNELS = { 'silk-mono': 1, hybrid: 1 };

function make(name, steps) {
  const channels = CHANNELS[name] ?? 2;
  const encoder = new Encoder({ channels, sample_rate: 48000, application: 'audio' });
  encoder.ctl(4010, 10);
  const packets = [];
  let n = 12000;
  for (const [count, frame, sound, controls] of steps) {
    for (const [request, value] of controls) encoder.ctl(request, value);
    for (let i = 0; i < count; i++, n += frame) {
      const pcm = Int16Array.from({ length: frame * channels }, (_, k) =>
        Math.round(32767 * sound(n + Math.floor(k / channels), k % channels)),
      );
      packets.push(Uint8Array.from(encoder.encode(new Uint8Array(pcm.buffer))));
    }
  }
  encoder.drop();
  return packets;
}

/** The frames of a stream, some to a packet, with and without padding. */
function repack(packets) {
  const opus = createOpus();
  const repacketizer = opus.createRepacketizer();
  const result = [];
  for (let i = 0, group = 1; i + group <= packets.length; i += group, group = (group % 4) + 1) {
    repacketizer.clear();
    for (const packet of packets.slice(i, i + group)) repacketizer.append(packet);
    const packet = repacketizer.write().slice();
    result.push(i % 3 === 0 ? opus.padPacket(packet, packet.length + 1 + i * 7).slice() : packet);
  }
  return result;
}

function bitFile(packets) {
  const decoder = new Decoder({ channels: 2, sample_rate: 48000 });
  const parts = packets.flatMap((packet) => {
    decoder.decode(packet);
    const header = Buffer.alloc(8);
    header.writeUInt32BE(packet.length, 0);
    header.writeUInt32BE(decoder.ctl(4031) >>> 0, 4);
    return [header, packet];
  });
  decoder.drop();
  return Buffer.concat(parts);
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const made = Object.entries(STREAMS).map(([name, steps]) => ({ name, packets: make(name, steps) }));
const celt = made.find(({ name }) => name === 'celt').packets.slice(0, 30);
made.push({ name: 'packed', packets: repack(celt) });

const streams = [];
for (const { name, packets } of made) {
  const entries = packets.map((packet) => ({ packet, range: 0 }));
  const configurations = [];
  for (const [sampleRate, channels] of [
    [48000, 2],
    [48000, 1],
    [16000, 1],
  ]) {
    const options = { sampleRate, channels };
    const floats = await decodeFloats(ownEngine(), entries, options);
    const bytes = Buffer.concat(floats.map((pcm) => Buffer.from(pcm.buffer, 0, pcm.byteLength)));
    const exact = name.startsWith('silk');
    const { pcm } = await decodeAll(libopusEngine(), entries, options);
    configurations.push({
      ...options,
      samples: pcm.length / channels,
      f32: sha256(bytes),
      ...(exact && { s16: sha256(littleEndian(pcm)) }),
    });
  }
  const bits = bitFile(packets);
  streams.push({ name, bytes: bits.length, configurations, base64: bits.toString('base64') });
}
const file = `${root}test/fixtures/opus/streams.json`;
writeFileSync(file, `${JSON.stringify({ streams }, null, 1)}\n`);
console.log(streams.map(({ name, bytes }) => `${name} ${bytes}`).join('\n'));
