// Decoding: every contestant gets the same packets (../packets/README.md).
import { readFileSync } from 'node:fs';
import { OpusDecoder } from 'sottovoce/opus';

/** Channels of each. */
export const CASES = {
  'silk-wb-mono-16k': 1,
  'hybrid-mono-24k': 1,
  'hybrid-mono-32k': 1,
  'celt-mono-32k': 1,
  'celt-stereo-64k': 2,
  'celt-stereo-96k': 2,
};

/** Packets of a file of [length, final range, packet]. */
export function packetsOf(name) {
  const bytes = readFileSync(new URL(`../packets/${name}.bit`, import.meta.url));
  const packets = [];
  for (let at = 0; at < bytes.length; at += 8 + bytes.readUInt32BE(at)) {
    packets.push(Uint8Array.from(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at))));
  }
  return packets;
}

async function ours(channels) {
  const decoder = await OpusDecoder.create({ sampleRate: 48000, channels });
  return (packet) => decoder.decodeInt16(packet).length / channels;
}

/** Cases of the suite. */
export function decodeCases(peers) {
  return Object.entries(CASES).map(([name, channels]) => ({
    suite: 'opus-decode',
    name,
    items: packetsOf(name),
    passes: 5,
    open: Object.fromEntries(
      Object.entries({ sottovoce: ours, ...peers }).map(([library, open]) => [
        library,
        () => open(channels),
      ]),
    ),
    check(samples) {
      if (samples !== 960) throw new Error(`${samples} samples`);
    },
  }));
}
