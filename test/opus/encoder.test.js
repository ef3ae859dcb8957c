import { createOpus, OpusDecoder, OpusEncoder } from 'sottovoce/opus';
import { libopusEngine } from 'sottovoce/opus/libopus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, rejectionOf, run } from '../support/opus.js';
import { noise, voice } from '../support/signals.js';

const encoder = suite('opus encoder');
const engine = libopusEngine();
const opus = createOpus();

const create = (options = {}) => OpusEncoder.create({ engine, application: 'audio', ...options });

const bytes = (packets) => packets.reduce((sum, packet) => sum + packet.length, 0);
const last = (packets) => opus.inspectPacket(packets[packets.length - 1]);

encoder('defaults', async () => {
  const handle = await OpusEncoder.create({ engine });
  assert.is(handle.sampleRate, 48_000);
  assert.is(handle.channels, 1);
  assert.is(handle.application, 'voip');
  assert.equal(handle.settings, {
    frameMs: 20,
    bitrate: 'auto',
    rateControl: 'constrained-vbr',
    complexity: 10,
    bandwidth: 'auto',
    maxBandwidth: 'fullband',
    signal: 'auto',
    fec: false,
    expectedLossPercent: 0,
    dtx: false,
    forceChannels: 'auto',
    lsbDepth: 24,
    predictionDisabled: false,
    phaseInversionDisabled: false,
    maxPacketBytes: 'auto',
  });
  assert.is(handle.frameSamples, 960);
  assert.is(handle.maxPacketBytes, 1275);
  assert.is(handle.lookahead, 312);
  handle.close();
});

encoder('applications', async () => {
  for (const [application, lookahead, mode] of [
    ['voip', 312, 'silk'],
    ['audio', 312, 'silk'],
    ['low-delay', 120, 'celt'],
  ]) {
    const handle = await create({ application, bitrate: 12_000, signal: 'voice' });
    assert.is(handle.lookahead, lookahead);
    assert.is(last(run(handle)).mode, mode);
    handle.close();
  }
});

encoder('frameMs', async () => {
  const handle = await create({ sampleRate: 16_000, bitrate: 16_000 });
  for (const frameMs of /** @type {const} */ ([60, 2.5, 120, 20, 100, 5, 80, 10, 40])) {
    handle.frameMs = frameMs;
    assert.is(handle.frameMs, frameMs);
    assert.is(handle.maxPacketBytes, 1275 * Math.ceil(frameMs / 20));
    assert.is(last(run(handle, 2)).durationMs, frameMs);
  }
  handle.close();
});

encoder('bitrate and rateControl', async () => {
  const handle = await create({ rateControl: 'cbr' });
  for (const bitrate of [6000, 16_000, 64_000, 510_000]) {
    handle.bitrate = bitrate;
    for (const packet of run(handle, 3)) assert.is(packet.length, bitrate / 400);
  }
  handle.bitrate = 'max';
  assert.is(run(handle, 2)[1].length, 1275);
  handle.bitrate = 'auto';
  assert.ok(run(handle, 2)[1].length < 400);
  handle.configure({ rateControl: 'vbr', bitrate: 32_000 });
  const sizes = new Set(run(handle, 8).map((packet) => packet.length));
  assert.ok(sizes.size > 2, 'VBR varies');
  handle.rateControl = 'constrained-vbr';
  assert.is(handle.rateControl, 'constrained-vbr');
  assert.ok(Math.abs(bytes(run(handle, 20)) / (20 * 80) - 1) < 0.25);
  handle.close();
});

encoder('CBR of joint packets, padded to the exact size', async () => {
  const handle = await create({ rateControl: 'cbr', bitrate: 25_000 });
  for (const [frameMs, size] of /** @type {[80 | 100 | 120, number][]} */ ([
    [80, 250],
    [100, 313],
    [120, 375],
  ])) {
    handle.frameMs = frameMs;
    for (const packet of run(handle, 3)) assert.ok(Math.abs(packet.length - size) <= 1);
  }
  handle.close();
});

encoder('complexity', async () => {
  const [slow, fast] = [await create({ bitrate: 16_000 }), await create({ bitrate: 16_000 })];
  fast.complexity = 0;
  assert.not.equal(run(fast), run(slow));
  slow.close();
  fast.close();
});

encoder('bandwidth and maxBandwidth', async () => {
  const handle = await create({ bitrate: 64_000 });
  for (const bandwidth of /** @type {const} */ ([
    'narrowband',
    'wideband',
    'superwideband',
    'fullband',
  ])) {
    handle.bandwidth = bandwidth;
    assert.is(last(run(handle, 20)).bandwidth, bandwidth);
  }
  handle.configure({ bandwidth: 'auto', maxBandwidth: 'wideband' });
  assert.is(last(run(handle, 20)).bandwidth, 'wideband');
  handle.maxBandwidth = 'fullband';
  assert.is(last(run(handle, 20)).bandwidth, 'fullband');
  handle.close();
});

encoder('signal', async () => {
  const handle = await create({ bitrate: 24_000 });
  handle.signal = 'music';
  assert.is(last(run(handle, 10)).mode, 'celt');
  handle.signal = 'voice';
  assert.is(last(run(handle, 10)).mode, 'hybrid');
  handle.close();
});

encoder('fec and expectedLossPercent', async () => {
  const handle = await create({ bitrate: 24_000, signal: 'voice', maxBandwidth: 'wideband' });
  assert.is(last(run(handle)).fec, false);
  handle.configure({ fec: true, expectedLossPercent: 20 });
  assert.is(last(run(handle)).fec, true);
  handle.expectedLossPercent = 0;
  assert.is(last(run(handle)).fec, false);
  handle.expectedLossPercent = 20;
  handle.fec = false;
  assert.is(last(run(handle)).fec, false);
  handle.close();
});

encoder('dtx', async () => {
  const silence = (samples) => new Float32Array(samples);
  const handle = await OpusEncoder.create({ engine, bitrate: 16_000, dtx: true });
  run(handle, 10);
  assert.is(handle.inDtx, false);
  const packets = run(handle, 60, silence);
  assert.is(handle.inDtx, true);
  assert.ok(packets.filter((packet) => packet.length <= 2).length > 35, 'most are not sent');
  handle.dtx = false;
  assert.ok(run(handle, 10, silence).every((packet) => packet.length > 2));
  handle.close();
});

encoder('forceChannels', async () => {
  const handle = await create({ channels: 2, bitrate: 64_000 });
  assert.is(last(run(handle, 3)).channels, 2);
  handle.forceChannels = 1;
  assert.is(last(run(handle, 10)).channels, 1);
  handle.forceChannels = 2;
  assert.is(last(run(handle, 10)).channels, 2);
  handle.forceChannels = 'auto';
  handle.close();
  const mono = await create();
  assert.is(
    codeOf(() => (mono.forceChannels = 2)),
    'bad-argument',
  );
  mono.forceChannels = 1;
  mono.close();
});

encoder('lsbDepth', async () => {
  const quiet = (samples) => noise(samples, 0.001);
  const make = () => create({ bitrate: 64_000, rateControl: 'vbr' });
  const [fine, coarse] = [await make(), await make()];
  coarse.lsbDepth = 8;
  assert.ok(bytes(run(coarse, 5, quiet)) < bytes(run(fine, 5, quiet)));
  fine.close();
  coarse.close();
});

encoder('predictionDisabled', async () => {
  const make = () => create({ bitrate: 64_000, rateControl: 'cbr' });
  const [with_, without] = [await make(), await make()];
  without.predictionDisabled = true;
  assert.not.equal(run(without), run(with_));
  with_.close();
  without.close();
});

encoder('phaseInversionDisabled', async () => {
  const opposite = (samples) => noise(2 * samples).map((x, i, all) => (i % 2 ? -all[i - 1] : x));
  const make = () => create({ channels: 2, bitrate: 32_000, signal: 'music', rateControl: 'cbr' });
  const [with_, without] = [await make(), await make()];
  without.phaseInversionDisabled = true;
  assert.not.equal(run(without, 5, opposite), run(with_, 5, opposite));
  with_.close();
  without.close();
});

encoder('maxPacketBytes', async () => {
  const handle = await create({ bitrate: 'max', rateControl: 'cbr' });
  for (const maxPacketBytes of [32, 60, 500, 1200]) {
    handle.maxPacketBytes = maxPacketBytes;
    assert.ok(run(handle, 2).every((packet) => packet.length === maxPacketBytes));
    for (const frameMs of /** @type {const} */ ([80, 100, 120])) {
      handle.frameMs = frameMs;
      assert.ok(run(handle, 2).every((packet) => packet.length <= maxPacketBytes));
    }
    handle.frameMs = 20;
  }
  handle.maxPacketBytes = 'auto';
  assert.is(handle.maxPacketBytes, 1275);
  handle.close();
});

encoder('several settings at once, or none', async () => {
  const handle = await create({ bitrate: 16_000 });
  const before = handle.settings;
  const changes = { bitrate: 24_000, complexity: 11 };
  assert.is(
    codeOf(() => handle.configure(changes)),
    'bad-argument',
  );
  assert.equal(handle.settings, before);
  handle.settings.bitrate = 1;
  assert.is(handle.bitrate, 16_000, 'settings is a copy');
  handle.close();
});

encoder('wrong options', async () => {
  for (const wrong of [
    { sampleRate: 44_100 },
    { sampleRate: '48000' },
    { channels: 3 },
    { application: 'music' },
    { frameMs: 30 },
    { bitrate: 5999 },
    { bitrate: 510_001 },
    { bitrate: 16_000.5 },
    { bitrate: 'high' },
    { bitrate: Number.NaN },
    { rateControl: 'abr' },
    { complexity: -1 },
    { complexity: null },
    { bandwidth: 'ultraband' },
    { maxBandwidth: 'auto' },
    { signal: 'noise' },
    { fec: 1 },
    { expectedLossPercent: 101 },
    { dtx: 'yes' },
    { forceChannels: 2 },
    { lsbDepth: 7 },
    { predictionDisabled: 0 },
    { maxPacketBytes: 31 },
    { maxPacketBytes: 7651 },
    { bitRate: 16_000 },
  ]) {
    const options = /** @type {any} */ ({ engine, ...wrong });
    assert.is(
      await rejectionOf(OpusEncoder.create(options)),
      'bad-argument',
      JSON.stringify(wrong),
    );
  }
  assert.is(await rejectionOf(OpusEncoder.create(/** @type {any} */ (null))), 'bad-argument');
  const handle = await create({ bitrate: undefined });
  assert.is(handle.bitrate, 'auto', 'undefined counts as absent');
  assert.is(
    codeOf(() => handle.configure(/** @type {any} */ ({ application: 'voip' }))),
    'bad-argument',
  );
  handle.close();
});

encoder('wrong PCM: an error, and the state as before', async () => {
  const make = () => create({ channels: 2, bitrate: 32_000 });
  const [handle, twin] = [await make(), await make()];
  run(handle, 2);
  run(twin, 2);
  for (const length of [0, 1, 960, 1919, 1921, 3840]) {
    assert.is(
      codeOf(() => handle.encode(new Float32Array(length))),
      'frame-size',
    );
    assert.is(
      codeOf(() => handle.encode(new Int16Array(length))),
      'frame-size',
    );
  }
  for (const wrong of [null, undefined, [0], new Uint8Array(3840), new Float64Array(1920), {}]) {
    assert.is(
      codeOf(() => handle.encode(/** @type {any} */ (wrong))),
      'bad-argument',
    );
  }
  assert.equal(run(handle, 2), run(twin, 2));
  handle.close();
  twin.close();
});

encoder('hostile samples: valid packets, and usable afterwards', async () => {
  const hostile = [
    () => Number.NaN,
    () => Number.POSITIVE_INFINITY,
    (i) => (i % 2 ? 3e38 : -3e38),
    () => 1e-40,
    (i) => (i % 100 < 50 ? 1 : -1),
    (i) => (i % 7 ? 0.1 : Number.NaN),
    (i) => (i % 2 ? 100 : -100),
  ];
  for (const channels of /** @type {const} */ ([1, 2])) {
    for (const bitrate of [12_000, 24_000, 96_000]) {
      const handle = await OpusEncoder.create({ engine, channels, bitrate });
      const decoder = await OpusDecoder.create({ engine, channels });
      for (const sample of hostile) {
        const pcm = Float32Array.from({ length: 960 * channels }, (_, i) => sample(i));
        const copy = pcm.slice();
        for (const x of decoder.decode(handle.encode(pcm))) assert.ok(Math.abs(x) < 16);
        assert.ok(
          pcm.every((x, i) => Object.is(x, copy[i])),
          'the input is not modified',
        );
      }
      for (const packet of run(handle, 20)) decoder.decode(packet);
      const pcm = decoder.decode(run(handle, 1)[0]);
      assert.ok(pcm.every((x) => Math.abs(x) < 1.5));
      handle.close();
      decoder.close();
    }
  }
});

encoder('reset gives the packets of a new encoder, settings kept', async () => {
  const handle = await create({ bitrate: 16_000 });
  handle.complexity = 3;
  const first = run(handle);
  assert.not.equal(run(handle), first);
  handle.reset();
  assert.equal(run(handle), first);
  for (let turn = 0; turn < 20; turn++) await null; // libopus makes the next state asynchronously
  handle.reset();
  assert.equal(run(handle), first);
  assert.is(
    codeOf(() => handle.reset()),
    'not-supported',
    'libopus: once in a turn',
  );
  handle.close();
});

encoder('joint packets keep one mode while the input changes', async () => {
  const handle = await create({ frameMs: 120, bitrate: 24_000, channels: 2 });
  const decoder = await OpusDecoder.create({ engine, channels: 2 });
  for (let i = 0; i < 12; i++) {
    handle.configure({
      bitrate: [10_000, 24_000, 60_000][i % 3],
      signal: /** @type {'voice'} */ (['auto', 'voice', 'music'][i % 2]),
    });
    const pcm = i % 4 < 2 ? noise(2 * 5760, 0.3, i) : voice(5760, 48_000, 2, 5760 * i);
    const packet = handle.encode(pcm);
    assert.is(opus.packetSamples(packet), 5760);
    assert.not.ok(opus.inspectPacket(packet).frameSizes.includes(0), 'nothing left out');
    assert.is(decoder.decode(packet).length, 2 * 5760);
    for (let turn = 0; turn < 20; turn++) await null; // a new encoder may have been ordered
  }
  handle.close();
  decoder.close();
});

encoder('final range is not shown by this engine', async () => {
  const handle = await create();
  run(handle, 1);
  assert.is(
    codeOf(() => handle.finalRange),
    'not-supported',
  );
  handle.close();
});

encoder('closed: said so, and closes twice', async () => {
  const handle = await create();
  handle.close();
  handle.close();
  handle[Symbol.dispose]?.(); // WebKitGTK 2.50 has no Symbol.dispose
  for (const call of [
    () => handle.encode(new Float32Array(960)),
    () => handle.configure({}),
    () => (handle.bitrate = 16_000),
    () => handle.lookahead,
    () => handle.inDtx,
    () => handle.finalRange,
    () => handle.reset(),
  ]) {
    assert.is(codeOf(call), 'released');
  }
});

encoder.run();
