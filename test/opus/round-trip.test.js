// Encoder and decoder together: every rate, channel count and packet duration.
import { createOpus, OpusDecoder, OpusEncoder } from 'sottovoce/opus';
import { libopusEngine } from 'sottovoce/opus/libopus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../support/opus.js';
import { concat, energy, snr, toInt16, voice } from '../support/signals.js';

const roundTrip = suite('opus round trip');
const engine = libopusEngine();
const opus = createOpus();
const rates = /** @type {const} */ ([8000, 12000, 16000, 24000, 48000]);
const durations = /** @type {const} */ ([2.5, 5, 10, 20, 40, 60, 80, 100, 120]);

for (const channels of /** @type {const} */ ([1, 2])) {
  roundTrip(
    `${channels} channel(s): all rates, all durations, on one engine in sequence`,
    async () => {
      for (const sampleRate of rates) {
        for (const frameMs of durations) {
          const what = `${sampleRate} Hz ${frameMs} ms`;
          // 2.5 ms of MDCT resolve 200 Hz: such a voice needs more bits for the same quality.
          const bitrate = (frameMs === 2.5 ? 160_000 : 64_000) * channels;
          const encoder = await OpusEncoder.create({
            engine,
            sampleRate,
            channels,
            frameMs,
            application: 'audio',
            bitrate,
            rateControl: 'cbr',
            complexity: 1,
          });
          const decoder = await OpusDecoder.create({ engine, sampleRate, channels });
          const { frameSamples, lookahead } = encoder;
          assert.is(frameSamples, (sampleRate * frameMs) / 1000);
          const inputs = [];
          const outputs = [];
          for (let start = 0; start < sampleRate / 8; start += frameSamples) {
            const pcm = voice(frameSamples, sampleRate, channels, start);
            const packet = encoder.encode(pcm);
            assert.is(packet.length, (bitrate * frameMs) / 8000, `${what}: CBR`);
            assert.is(opus.inspectPacket(packet).durationMs, frameMs, what);
            inputs.push(pcm);
            outputs.push(decoder.decode(packet).slice());
            assert.is(decoder.lastPacketSamples, frameSamples);
          }
          const delay = lookahead * channels;
          const quality = snr(concat(inputs), concat(outputs), delay);
          assert.ok(quality > (frameMs === 2.5 ? 10 : 15), `${what}: ${quality} dB`);
          encoder.close();
          decoder.close();
        }
      }
    },
  );
}

roundTrip('a decoder makes any rate and channel count of any packet', async () => {
  const encoder = await OpusEncoder.create({ engine, channels: 2, bitrate: 96_000 });
  const packets = [];
  for (let i = 0; i < 6; i++) packets.push(encoder.encode(voice(960, 48_000, 2, 960 * i)).slice());
  encoder.close();
  for (const sampleRate of rates) {
    for (const channels of /** @type {const} */ ([1, 2])) {
      const decoder = await OpusDecoder.create({ engine, sampleRate, channels });
      const level = packets.map((packet) => {
        const pcm = decoder.decode(packet);
        assert.is(pcm.length, (sampleRate / 50) * channels);
        return energy(pcm) / pcm.length;
      });
      assert.ok(level[5] > 0.001 && level[5] < 0.1, `${sampleRate} ${level[5]}`);
      decoder.close();
    }
  }
});

roundTrip('s16 in and out is f32 in and out', async () => {
  const create = () => OpusEncoder.create({ engine, bitrate: 32_000, lsbDepth: 16 });
  const [left, right] = [await create(), await create()];
  const decoder = await OpusDecoder.create({ engine });
  const other = await OpusDecoder.create({ engine });
  for (let i = 0; i < 5; i++) {
    const s16 = toInt16(voice(960, 48_000, 1, 960 * i));
    const packet = left.encode(s16).slice();
    assert.equal(right.encode(Float32Array.from(s16, (x) => x / 32768)), packet);
    const f32 = decoder.decode(packet);
    const ints = other.decodeInt16(packet);
    assert.ok(ints instanceof Int16Array);
    for (let k = 0; k < 960; k++) assert.ok(Math.abs(f32[k] * 32768 - ints[k]) <= 0.5001);
  }
  for (const handle of [left, right, decoder, other]) handle.close();
});

roundTrip('results in dst are the same, owned, and only as long as they are', async () => {
  const [one, two] = [await OpusEncoder.create({ engine }), await OpusEncoder.create({ engine })];
  const decoder = await OpusDecoder.create({ engine });
  const other = await OpusDecoder.create({ engine });
  const dst = new Uint8Array(1300);
  const pcm = new Float32Array(1000);
  const ints = new Int16Array(1000);
  for (let i = 0; i < 3; i++) {
    const frame = voice(960, 48_000, 1, 960 * i);
    const packet = one.encode(frame, dst);
    assert.is(packet.buffer, dst.buffer);
    assert.equal(two.encode(frame), packet);
    const decoded = decoder.decode(packet, pcm);
    assert.is(decoded.buffer, pcm.buffer);
    assert.is(decoded.length, 960);
    assert.equal(other.decode(packet), decoded);
    assert.is(decoder.conceal(480, pcm).length, 480);
    assert.equal(other.conceal(480), pcm.subarray(0, 480));
    assert.is(decoder.decodeInt16(packet, ints).length, 960);
    assert.is(decoder.decodeFecInt16(packet, 960, ints).length, 960);
    assert.is(decoder.concealInt16(120, ints).length, 120);
    other.decode(packet);
    other.decodeFec(packet, 960);
    other.conceal(120);
  }
  assert.is(
    codeOf(() => one.encode(new Float32Array(960), new Uint8Array(1274))),
    'buffer-too-small',
  );
  const packet = one.encode(voice(960, 48_000)).slice();
  two.encode(voice(960, 48_000));
  assert.is(
    codeOf(() => decoder.decode(packet, new Float32Array(959))),
    'buffer-too-small',
  );
  assert.is(
    codeOf(() => decoder.decode(packet, /** @type {any} */ (new Int16Array(960)))),
    'bad-argument',
  );
  assert.equal(decoder.decode(packet), other.decode(packet), 'refusals changed no state');
  for (const handle of [one, two, decoder, other]) handle.close();
});

roundTrip.run();
