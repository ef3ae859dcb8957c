// Our encoder through the facade: formats, settings, hostile input, memory.
import { createOpus, OpusDecoder, OpusEncoder, ownEngine } from 'sottovoce/opus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, run } from '../support/opus.js';
import { prng } from '../support/prng.js';
import { energy, noise, toInt16, voice } from '../support/signals.js';

const own = suite('opus own encoder');
const opus = createOpus();
const silence = (samples) => new Float32Array(samples);

const last = (packets) => opus.inspectPacket(packets[packets.length - 1]);

for (const sampleRate of /** @type {const} */ ([8000, 12_000, 16_000, 24_000, 48_000])) {
  own(`${sampleRate} Hz: every duration comes back, with equal ranges`, async () => {
    for (const channels of /** @type {const} */ ([1, 2])) {
      const encoder = await OpusEncoder.create({ sampleRate, channels, complexity: 2 });
      const decoder = await OpusDecoder.create({ sampleRate, channels });
      let start = 0;
      for (const frameMs of /** @type {const} */ ([20, 2.5, 60, 5, 120, 10, 40, 100, 80, 20])) {
        encoder.frameMs = frameMs;
        const { frameSamples } = encoder;
        const pcm = voice(frameSamples, sampleRate, channels, start);
        start += frameSamples;
        const packet = encoder.encode(frameMs === 20 ? toInt16(pcm) : pcm);
        assert.is(opus.inspectPacket(packet).durationMs, frameMs);
        assert.is(decoder.decode(packet).length, frameSamples * channels);
        assert.is(decoder.finalRange, encoder.finalRange);
      }
      encoder.close();
      decoder.close();
    }
  });
}

own('what is decoded is what went in, later by the lookahead', async () => {
  // Not voip, whose high-pass turns the phase.
  for (const application of /** @type {const} */ (['audio', 'low-delay'])) {
    const encoder = await OpusEncoder.create({ application, bitrate: 96_000 });
    const decoder = await OpusDecoder.create();
    assert.is(encoder.lookahead, application === 'low-delay' ? 120 : 312);
    const frames = 25;
    const made = new Float32Array(960 * frames);
    for (const [i, packet] of run(encoder, frames).entries()) {
      made.set(decoder.decode(packet), 960 * i);
    }
    const wanted = voice(960 * frames, 48_000);
    const error = Float32Array.from({ length: 960 * 10 }, (_, i) => {
      const at = 960 * 14 + i;
      return made[at + encoder.lookahead] - wanted[at];
    });
    const part = wanted.subarray(960 * 14, 960 * 24);
    assert.ok(
      energy(error) < 0.05 * energy(part),
      `${application}: ${energy(error) / energy(part)}`,
    );
    encoder.close();
    decoder.close();
  }
});

own('cbr packets have the size that the rate means', async () => {
  const encoder = await OpusEncoder.create({ rateControl: 'cbr', application: 'audio' });
  for (const bitrate of [12_000, 16_000, 24_000, 64_000, 510_000]) {
    encoder.bitrate = bitrate;
    for (const packet of run(encoder, 3)) assert.is(packet.length, bitrate / 400);
  }
  encoder.bitrate = 'max';
  assert.is(run(encoder, 2)[1].length, 1275);
  encoder.bitrate = 'auto';
  assert.ok(run(encoder, 2)[1].length < 400);
  encoder.close();
});

own('bandwidth, channels and mode follow the settings', async () => {
  const encoder = await OpusEncoder.create({ channels: 2, bitrate: 64_000, application: 'audio' });
  for (const bandwidth of /** @type {const} */ ([
    'narrowband',
    'wideband',
    'superwideband',
    'fullband',
  ])) {
    encoder.bandwidth = bandwidth;
    assert.is(last(run(encoder, 8)).bandwidth, bandwidth);
  }
  encoder.bandwidth = 'auto';
  encoder.maxBandwidth = 'wideband';
  assert.ok(['narrowband', 'mediumband', 'wideband'].includes(last(run(encoder, 8)).bandwidth));
  encoder.maxBandwidth = 'fullband';
  encoder.forceChannels = 1;
  assert.is(last(run(encoder, 10)).channels, 1);
  encoder.forceChannels = 2;
  assert.is(last(run(encoder, 10)).channels, 2);
  encoder.configure({ forceChannels: 'auto', frameMs: 10, signal: 'music' });
  assert.is(last(run(encoder, 20)).mode, 'celt');
  encoder.close();
  const speech = await OpusEncoder.create({
    bitrate: 14_000,
    signal: 'voice',
    maxBandwidth: 'wideband',
  });
  assert.is(last(run(speech, 10)).mode, 'silk');
  speech.close();
});

own('fec: the packet after a lost one brings it back', async () => {
  const encoder = await OpusEncoder.create({
    bitrate: 32_000,
    fec: true,
    expectedLossPercent: 20,
    signal: 'voice',
    maxBandwidth: 'wideband',
  });
  const packets = run(encoder, 20);
  assert.ok(packets.slice(5).some((packet) => opus.inspectPacket(packet).fec));
  encoder.close();
});

own('dtx: silence is hardly sent', async () => {
  const encoder = await OpusEncoder.create({ bitrate: 16_000, dtx: true });
  run(encoder, 10);
  assert.is(encoder.inDtx, false);
  const packets = run(encoder, 60, silence);
  assert.is(encoder.inDtx, true);
  assert.ok(packets.filter((packet) => packet.length <= 2).length > 35, 'most are not sent');
  encoder.dtx = false;
  assert.ok(run(encoder, 10, silence).every((packet) => packet.length > 2));
  encoder.close();
});

own('maxPacketBytes is kept', async () => {
  const encoder = await OpusEncoder.create({ bitrate: 'max', channels: 2 });
  for (const maxPacketBytes of [32, 60, 500, 1200]) {
    encoder.maxPacketBytes = maxPacketBytes;
    for (const frameMs of /** @type {const} */ ([5, 20, 60, 120])) {
      encoder.frameMs = frameMs;
      for (const packet of run(encoder, 2)) assert.ok(packet.length <= maxPacketBytes);
    }
  }
  encoder.close();
});

own('reset gives the packets of a new encoder, settings kept, at any time', async () => {
  const encoder = await OpusEncoder.create({ bitrate: 16_000 });
  encoder.complexity = 3;
  const first = run(encoder);
  for (let i = 0; i < 3; i++) {
    encoder.reset();
    assert.equal(run(encoder), first);
  }
  encoder.close();
});

own('hostile samples: valid packets, and usable afterwards', async () => {
  const hostile = [
    () => Number.NaN,
    () => Number.POSITIVE_INFINITY,
    (i) => (i % 2 ? 3e38 : -3e38),
    () => 1e-40,
    (i) => (i % 100 < 50 ? 1 : -1),
    (i) => (i % 7 ? 0.1 : Number.NaN),
  ];
  for (const channels of /** @type {const} */ ([1, 2])) {
    for (const bitrate of [12_000, 24_000, 96_000]) {
      const encoder = await OpusEncoder.create({ channels, bitrate });
      const decoder = await OpusDecoder.create({ channels });
      for (const sample of hostile) {
        const pcm = Float32Array.from({ length: 960 * channels }, (_, i) => sample(i));
        const copy = pcm.slice();
        for (const x of decoder.decode(encoder.encode(pcm))) assert.ok(Math.abs(x) < 16);
        assert.is(decoder.finalRange, encoder.finalRange);
        assert.ok(
          pcm.every((x, i) => Object.is(x, copy[i])),
          'the input is not modified',
        );
      }
      for (const packet of run(encoder, 15)) decoder.decode(packet);
      const pcm = decoder.decode(run(encoder, 1)[0]);
      assert.ok(pcm.every((x) => Math.abs(x) < 1.5));
      encoder.close();
      decoder.close();
    }
  }
});

own('wrong PCM: an error, and the state as before', async () => {
  const make = () => OpusEncoder.create({ channels: 2, bitrate: 32_000 });
  const [encoder, twin] = [await make(), await make()];
  run(encoder, 2);
  run(twin, 2);
  for (const length of [0, 1, 960, 1919, 1921, 3840]) {
    assert.is(
      codeOf(() => encoder.encode(new Float32Array(length))),
      'frame-size',
    );
  }
  assert.is(
    codeOf(() => encoder.encode(new Float32Array(1920), new Uint8Array(10))),
    'buffer-too-small',
  );
  assert.equal(run(encoder, 2), run(twin, 2));
  encoder.close();
  twin.close();
  assert.is(
    codeOf(() => encoder.encode(new Float32Array(1920))),
    'released',
  );
});

own('10,000 frames: neither memory nor allocator moves', async () => {
  const core = createOpus();
  const encoder = await OpusEncoder.create({
    engine: ownEngine(core),
    application: 'low-delay',
    complexity: 0,
    frameMs: 2.5,
  });
  const probe = () => {
    const block = core.memory.allocate(64);
    const { address } = block;
    block.release();
    return address;
  };
  const [size, free] = [core.memory.byteLength, probe()];
  const random = prng(3);
  const pcm = noise(120, 0.2);
  for (let i = 0; i < 10_000; i++) {
    if (i % 1000 === 0) encoder.bitrate = 16_000 + random.int(100_000);
    encoder.encode(pcm);
  }
  assert.is(core.memory.byteLength, size);
  assert.is(probe(), free);
  encoder.close();
});

own('an encoder and a decoder fit into 1 MB', async () => {
  const core = createOpus();
  const engine = ownEngine(core);
  await OpusEncoder.create({ engine, channels: 2 });
  await OpusDecoder.create({ engine, channels: 2 });
  assert.ok(core.memory.byteLength <= 1_048_576, `${core.memory.byteLength} bytes`);
});

own.run();
