// Our packet code beside libopus: the same packets accepted, described and decoded alike.
import * as libopus from 'libopus-wasm';
import { createOpus, OpusDecoder, OpusEncoder } from 'sottovoce/opus';
import { libopusEngine } from 'sottovoce/opus/libopus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, makeFrames, makePacket } from '../support/opus.js';
import { prng } from '../support/prng.js';
import { concat, voice } from '../support/signals.js';

const oracle = suite('opus oracle');
const engine = libopusEngine();
const opus = createOpus();
const BANDWIDTHS = {
  narrowband: 1101,
  mediumband: 1102,
  wideband: 1103,
  superwideband: 1104,
  fullband: 1105,
};

async function compare(packet) {
  /** @type {import('sottovoce/opus').PacketInfo | undefined} */
  let ours;
  const code = codeOf(() => {
    ours = opus.inspectPacket(packet);
  });
  if (!ours) assert.is(code, 'bad-packet');
  let theirs;
  try {
    theirs = await libopus.getPacketInfo(packet);
  } catch {
    // refused
  }
  assert.is(!ours, !theirs, `[${packet.subarray(0, 20)}] of ${packet.length} bytes`);
  if (!ours || !theirs) return 0;
  assert.is(ours.frameCount, theirs.frames);
  assert.is(ours.channels, theirs.channels);
  assert.is(ours.frameSamples, theirs.samplesPerFrame);
  assert.is(ours.samples, theirs.samples);
  assert.is(ours.durationMs, theirs.durationMs);
  assert.is(BANDWIDTHS[ours.bandwidth], theirs.bandwidth);
  return 1;
}

oracle('made packets, mutated and cut', async () => {
  const random = prng(11);
  let accepted = 0;
  let refused = 0;
  for (let i = 0; i < 400; i++) {
    const code = /** @type {0 | 1 | 2 | 3} */ (random.int(4));
    const count = code === 0 ? 1 : code < 3 ? 2 : 1 + random.int(8);
    const size = random.int(6) === 0 ? 1260 + random.int(20) : random.int(40);
    const vbr = code === 2 || (code === 3 && random.int(2) === 1);
    const sizes = Array.from({ length: count }, () => (vbr ? random.int(300) : size));
    const packet = makePacket(random.int(32), random.int(2) === 1, code, makeFrames(sizes, i), {
      vbr,
      padding: code === 3 && random.int(2) === 1 ? random.int(600) : 0,
    });
    if (random.int(3) === 0) packet[random.int(Math.min(packet.length, 6))] = random.int(256);
    const cut = random.int(3) === 0 ? 1 + random.int(packet.length) : packet.length;
    if (await compare(packet.subarray(0, cut))) accepted++;
    else refused++;
  }
  assert.ok(accepted > 100 && refused > 50, `${accepted} accepted, ${refused} refused`);
});

oracle('every two-byte packet of every code', async () => {
  for (let toc = 0; toc < 256; toc += 5) {
    for (const second of [0, 1, 2, 3, 6, 12, 24, 48, 49, 63, 0x41, 0x81, 0xc1, 0xfc, 0xff]) {
      await compare(Uint8Array.of(toc, second));
    }
  }
});

oracle('padded, bare, merged and split packets decode to the same PCM', async () => {
  const options = { engine, channels: /** @type {const} */ (2), bitrate: 40_000 };
  const encoder = await OpusEncoder.create(options);
  const packets = Array.from({ length: 12 }, (_, i) =>
    encoder.encode(voice(960, 48_000, 2, 960 * i)).slice(),
  );
  encoder.close();
  const decodeAll = async (list) => {
    const decoder = await OpusDecoder.create({ engine, channels: 2 });
    const pcm = concat(list.map((packet) => decoder.decode(packet).slice()));
    decoder.close();
    return pcm;
  };
  const reference = await decodeAll(packets);
  const padded = packets.map((packet, i) => opus.padPacket(packet, 300 + 100 * i).slice());
  assert.equal(await decodeAll(padded), reference);
  assert.equal(
    padded.map((packet) => opus.unpadPacket(packet).slice()),
    packets,
  );

  const repacketizer = opus.createRepacketizer();
  const merged = [];
  const tocs = packets.map((packet) => packet[0]);
  for (let i = 0; i < packets.length; ) {
    repacketizer.clear();
    const first = i;
    while (i < packets.length && i < first + 6 && tocs[i] === tocs[first]) {
      repacketizer.append(packets[i++]);
    }
    merged.push(repacketizer.write({ length: i % 2 ? 2000 : 0 }).slice());
  }
  assert.ok(merged.length < packets.length);
  assert.equal(await decodeAll(merged), reference);
  const split = merged.flatMap((packet) => {
    repacketizer.clear();
    return Array.from({ length: repacketizer.append(packet) }, (_, i) =>
      repacketizer.write({ begin: i, end: i + 1 }).slice(),
    );
  });
  assert.equal(split, packets);
  repacketizer.close();
});

oracle.run();
