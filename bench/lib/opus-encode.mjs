// Encoding: every contestant gets the same frames and the same settings, those of the quality figures:
// constrained VBR, voip for speech, audio for music, nothing forced but a limit of the bandwidth where
// the case is one of SILK. Which mode each chose is reported.
import { readFileSync } from 'node:fs';
import { readWav } from 'sottovoce/internal';
import { createOpus, OpusDecoder, OpusEncoder, ownEngine } from 'sottovoce/opus';
import { packetsOf } from './opus-decode.mjs';

const FRAME = 960;
const FRAMES = 200;
const SPEECH = new URL('../../examples/demo/demo-speech.wav', import.meta.url);

const voip = { application: 'voip', channels: 1 };
const audio = { application: 'audio', channels: 2 };
export const CASES = {
  'silk-wb-mono-16k': { ...voip, bitrate: 16_000, maxBandwidth: 'wideband', mode: 'silk' },
  'hybrid-mono-24k': { ...voip, bitrate: 24_000, mode: 'hybrid' },
  'hybrid-mono-32k': { ...voip, bitrate: 32_000, mode: 'hybrid' },
  'celt-mono-32k': { ...audio, channels: 1, bitrate: 32_000, mode: 'celt' },
  'celt-stereo-64k': { ...audio, bitrate: 64_000, mode: 'celt' },
  'celt-stereo-96k': { ...audio, bitrate: 96_000, mode: 'celt' },
};

/** The demo's speech, from its first word on. */
async function speech() {
  const pcm = [];
  for await (const piece of await readWav(readFileSync(SPEECH))) pcm.push(...piece);
  const part = pcm.slice(FRAME * 10, FRAME * (10 + FRAMES));
  return Int16Array.from(part, (x) => Math.round(x * 32_768));
}

/** The piece that the packets of ../packets hold. */
async function music(channels) {
  const decoder = await OpusDecoder.create({ channels });
  const pcm = new Int16Array(FRAME * FRAMES * channels);
  for (const [i, packet] of packetsOf('celt-stereo-96k').slice(0, FRAMES).entries()) {
    pcm.set(decoder.decodeInt16(packet), i * FRAME * channels);
  }
  decoder.close();
  return pcm;
}

export async function framesOf({ application, channels }) {
  const pcm = await (application === 'voip' ? speech() : music(channels));
  const length = FRAME * channels;
  return Array.from({ length: FRAMES }, (_, i) => pcm.slice(i * length, (i + 1) * length));
}

async function ours({ application, channels, bitrate, complexity, maxBandwidth = 'fullband' }) {
  const encoder = await OpusEncoder.create({
    application,
    channels,
    bitrate,
    complexity,
    maxBandwidth,
    engine: ownEngine(),
  });
  return (pcm) => encoder.encode(pcm);
}

/** Cases of the suite. */
export async function encodeCases(peers) {
  const opus = createOpus();
  const cases = [];
  for (const [name, settings] of Object.entries(CASES)) {
    const items = await framesOf(settings);
    for (const complexity of [10, 5, 0]) {
      /** Bytes and modes of each library, from the first pass. */
      const made = {};
      cases.push({
        suite: 'opus-encode',
        name: `${name} c${complexity}`,
        items,
        passes: 1,
        open: Object.fromEntries(
          Object.entries({ sottovoce: ours, ...peers }).map(([library, open]) => [
            library,
            () => open({ ...settings, complexity }),
          ]),
        ),
        check(packet, library) {
          const { mode } = opus.inspectPacket(packet);
          made[library] ??= { bytes: 0, modes: {} };
          made[library].bytes += packet.length;
          made[library].modes[mode] = (made[library].modes[mode] ?? 0) + 1;
        },
        more() {
          const kbps = {};
          const modes = {};
          for (const [library, { bytes, modes: counts }] of Object.entries(made)) {
            kbps[library] = Number(((bytes * 8) / (20 * FRAMES)).toFixed(2));
            modes[library] = counts;
            const [most] = Object.entries(counts).sort((a, b) => b[1] - a[1]);
            if (most[0] !== settings.mode) {
              console.error(`${name} c${complexity}: ${library} chose ${most[0]} for most frames`);
            }
          }
          return { kbps, modes };
        },
      });
    }
  }
  return cases;
}
