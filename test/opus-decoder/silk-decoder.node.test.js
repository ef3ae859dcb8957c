// The SILK decoder as a whole: bit for bit against libopus, then loss, damage and memory.
import { createDecoder, createEncoder } from 'libopus-wasm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiate } from '../support/node-assembly.js';
import { prng } from '../support/prng.js';
import { noise, toInt16, voice } from '../support/signals.js';

const { wasm, memory, int16 } = await instantiate('silk-debug');
const silk = suite('silk decoder');

const NORMAL = 0;
const LOST = 1;
const REDUNDANCY = 2;
/** Duration, rate and channels of a packet of SILK alone with one frame (RFC 6716, section 3.1). */
const shape = (packet) => ({
  ms: [10, 20, 40, 60][(packet[0] >> 3) & 3],
  kHz: [8, 12, 16][packet[0] >> 5],
  channels: ((packet[0] >> 2) & 1) + 1,
});

/** @param {number} outKHz @param {number} outChannels */
function decoder(outKHz, outChannels) {
  const state = wasm.allocate(wasm.SILK_DECODER_SIZE);
  const range = wasm.allocate(wasm.RANGE_DECODER_SIZE);
  const input = wasm.allocate(1280);
  const out = wasm.allocate(60 * 48 * 4);
  wasm.silkDecoderInit(state);
  const decode = (packet, mode = NORMAL, { ms, kHz, channels } = shape(packet)) => {
    if (mode !== LOST) {
      new Uint8Array(memory.buffer, input, packet.length - 1).set(packet.subarray(1));
      wasm.rangeDecoderInit(range, input, packet.length - 1);
    }
    const samples = wasm.silkDecode(
      state,
      range,
      mode,
      ms,
      kHz,
      channels,
      outKHz,
      outChannels,
      out,
    );
    return Int16Array.from(int16(out, samples * outChannels));
  };
  return { state, range, decode, used: () => wasm.tell(range) };
}

const speech = (ms, channels, seed = 1) => {
  const pcm = voice(48 * ms, 48000, channels);
  const breath = noise(pcm.length, 0.02, seed);
  return toInt16(pcm.map((x, i) => (i % 4000 < 900 ? 0 : x) + breath[i]));
};

async function encode(ms, channels, options) {
  const encoder = await createEncoder({
    channels,
    application: 2048,
    signal: 3001,
    maxBandwidth: 1103,
    ...options,
  });
  const pcm = speech(20 * ms, channels);
  const size = 48 * ms * channels;
  const packets = Array.from({ length: 20 }, (_, i) =>
    Uint8Array.from(encoder.encode(pcm.subarray(i * size, (i + 1) * size), { frameSize: 48 * ms })),
  );
  encoder.free();
  return packets.filter(
    (packet) => packet[0] < 12 << 3 && (packet[0] & 3) === 0 && packet.length > 2,
  );
}

const lists = [
  await encode(20, 1, { bitrate: 16000 }),
  await encode(10, 2, { bitrate: 24000, maxBandwidth: 1101 }),
  await encode(60, 1, { bitrate: 12000, maxBandwidth: 1102 }),
  await encode(20, 2, { bitrate: 28000, fec: true, packetLossPercent: 30 }),
  await encode(20, 1, { bitrate: 24000, fec: true, packetLossPercent: 30 }),
];

silk('the encoder gave packets to decode', () => {
  assert.ok(lists.every((list) => list.length > 15));
});

silk('every rate and channel count equals libopus, through every switch', async () => {
  const packets = lists.flat();
  for (const outKHz of [8, 12, 16, 24, 48]) {
    for (const channels of /** @type {const} */ ([1, 2])) {
      const ours = decoder(outKHz, channels);
      const theirs = await createDecoder({
        sampleRate: /** @type {48000} */ (outKHz * 1000),
        channels,
      });
      packets.forEach((packet, i) => {
        assert.equal(
          ours.decode(packet),
          Int16Array.from(theirs.decode(packet)),
          `${outKHz}, ${channels}, ${i}`,
        );
      });
      theirs.free();
    }
  }
});

silk('random payloads equal libopus', async () => {
  const random = prng(5);
  const ours = decoder(48, 2);
  const probe = decoder(48, 2);
  const theirs = await createDecoder({ sampleRate: 48000, channels: 2 });
  let compared = 0;
  for (let i = 0; i < 150; i++) {
    let packet = random.bytes(3 + random.int(150));
    packet[0] = (random.int(12) << 3) | (random.int(2) << 2);
    // What SILK leaves over would be taken for a redundant CELT frame: shorten until nothing is.
    for (let round = 0; round < 40; round++) {
      new Uint8Array(memory.buffer).copyWithin(
        probe.state,
        ours.state,
        ours.state + wasm.SILK_DECODER_SIZE,
      );
      probe.decode(packet);
      if (probe.used() + 17 > 8 * (packet.length - 1)) break;
      packet = packet.subarray(
        0,
        Math.max(3, Math.min(packet.length - 1, 1 + ((probe.used() + 16) >> 3))),
      );
    }
    if (probe.used() + 17 <= 8 * (packet.length - 1)) continue;
    assert.equal(ours.decode(packet), Int16Array.from(theirs.decode(packet)), `packet ${i}`);
    compared++;
  }
  theirs.free();
  assert.ok(compared > 100);
});

const power = (pcm) => pcm.reduce((sum, x) => sum + x * x, 0) / pcm.length;

silk('concealment goes on at first, then fades', () => {
  const ours = decoder(16, 1);
  const decoded = lists[0].map((packet) => ours.decode(packet));
  const first = power(ours.decode(lists[0][0], LOST));
  const ratio = first / power(decoded.at(-1));
  assert.ok(ratio > 0.1 && ratio < 1.5, `${ratio}`);
  let last = first;
  for (let i = 0; i < 30; i++) last = power(ours.decode(lists[0][0], LOST));
  assert.ok(last < first / 50);
});

silk('redundancy gives the lost frame back, as in libopus', async () => {
  let compared = 0;
  for (const packets of lists.slice(3)) {
    const { channels } = shape(packets[0]);
    // One frame of 20 ms: activity and redundancy of mid, then of side, lead the payload.
    const redundant = channels === 2 ? 0x50 : 0x40;
    for (let lost = 4; lost + 1 < packets.length; lost++) {
      const next = packets[lost + 1];
      if ((next[1] & redundant) !== redundant) continue;
      const ours = decoder(48, channels);
      const theirs = await createDecoder({ sampleRate: 48000, channels: channels === 2 ? 2 : 1 });
      for (const packet of packets.slice(0, lost)) {
        ours.decode(packet);
        theirs.decode(packet);
      }
      const recovered = theirs.decode(next, { decodeFec: true, frameSize: 960 });
      assert.equal(ours.decode(next, REDUNDANCY), Int16Array.from(recovered));
      assert.equal(ours.decode(next), Int16Array.from(theirs.decode(next)));
      theirs.free();
      compared++;
    }
  }
  assert.ok(compared > 5, `${compared}`);
});

silk('nothing hostile writes outside, stays, or grows the memory', () => {
  const random = prng(6);
  const guard = 512;
  const state = wasm.allocate(wasm.SILK_DECODER_SIZE + 2 * guard) + guard;
  const range = wasm.allocate(wasm.RANGE_DECODER_SIZE);
  const input = wasm.allocate(1280);
  const out = wasm.allocate(60 * 48 * 4 + 2 * guard) + guard;
  const pages = memory.buffer.byteLength;
  const bytes = new Uint8Array(memory.buffer);
  const guards = (end) => [state - guard, state + wasm.SILK_DECODER_SIZE, out - guard, end];
  for (const [outKHz, outChannels] of [
    [48, 2],
    [8, 1],
    [12, 2],
  ]) {
    wasm.silkDecoderInit(state);
    for (let i = 0; i < 500; i++) {
      const length = random.int(random.int(2) ? 60 : 1276);
      for (let k = 0; k < length; k++) bytes[input + k] = random.int(3) ? random.int(256) : 255;
      const ms = [10, 20, 40, 60][random.int(4)];
      const end = out + 2 * ms * outKHz * outChannels;
      for (const at of guards(end)) bytes.fill(0xa5, at, at + guard);
      wasm.rangeDecoderInit(range, input, length);
      const mode = [NORMAL, NORMAL, LOST, REDUNDANCY][random.int(4)];
      const kHz = 8 + 4 * random.int(3);
      wasm.silkDecode(state, range, mode, ms, kHz, 1 + random.int(2), outKHz, outChannels, out);
      for (const at of guards(end)) {
        assert.ok(bytes.subarray(at, at + guard).every((byte) => byte === 0xa5));
      }
    }
  }
  assert.is(memory.buffer.byteLength, pages);
  wasm.silkDecoderInit(state);
  const fresh = decoder(48, 1);
  for (const packet of lists[0]) {
    bytes.set(packet.subarray(1), input);
    wasm.rangeDecoderInit(range, input, packet.length - 1);
    wasm.silkDecode(state, range, NORMAL, 20, 16, 1, 48, 1, out);
    assert.equal(Int16Array.from(int16(out, 960)), fresh.decode(packet));
  }
});

silk.run();
