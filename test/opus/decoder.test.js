import { createOpus, OpusDecoder, OpusEncoder } from 'sottovoce/opus';
import { libopusEngine } from 'sottovoce/opus/libopus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import cases from '../fixtures/opus/packets.json' with { type: 'json' };
import { fromHex } from '../support/bytes.js';
import { codeOf, rejectionOf } from '../support/opus.js';
import { concat, energy, noise, snr, voice } from '../support/signals.js';
import { prng } from '../support/prng.js';

const decoder = suite('opus decoder');
const engine = libopusEngine();
const opus = createOpus();

const create = (options = {}) => OpusDecoder.create({ engine, ...options });

/** A stream of packets, and what a decoder without loss makes of it. */
async function stream(count, options = {}) {
  const encoder = await OpusEncoder.create({ engine, bitrate: 24_000, ...options });
  const { frameSamples, sampleRate, channels } = encoder;
  const packets = Array.from({ length: count }, (_, i) =>
    encoder.encode(voice(frameSamples, sampleRate, channels, i * frameSamples)).slice(),
  );
  encoder.close();
  return packets;
}

decoder('defaults', async () => {
  const handle = await create();
  assert.is(handle.sampleRate, 48_000);
  assert.is(handle.channels, 1);
  assert.is(handle.gain, 0);
  assert.is(handle.phaseInversionDisabled, true, 'mono');
  assert.is(handle.lastPacketSamples, 0);
  handle.close();
  const stereo = await create({ channels: 2 });
  assert.is(stereo.phaseInversionDisabled, false, 'stereo');
  stereo.close();
});

decoder('malformed, extreme and random packets: as expected, each by a new decoder', async () => {
  for (const { name, hex, decode } of cases) {
    const handle = await create({ channels: 2 });
    const bytes = fromHex(hex);
    if (bytes.length === 0 || 'error' in decode) {
      assert.is(
        codeOf(() => handle.decode(bytes)),
        'bad-packet',
        name,
      );
    } else {
      const pcm = handle.decode(bytes);
      assert.is(pcm.length, 2 * decode.samples, name);
      assert.ok(pcm.every(Number.isFinite), name);
    }
    handle.close();
  }
});

decoder('the same by one decoder in random order: good speech comes out sane', async () => {
  const random = prng(7);
  const packets = await stream(12);
  for (const sampleRate of /** @type {const} */ ([8000, 48_000])) {
    const handle = await create({ sampleRate, channels: 2 });
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < cases.length; i++) {
        codeOf(() => handle.decode(fromHex(cases[random.int(cases.length)].hex)));
      }
      let pcm = handle.conceal(120);
      for (const packet of packets) pcm = handle.decode(packet);
      assert.ok(
        pcm.every((x) => Math.abs(x) < 4),
        `${Math.max(...pcm)}`,
      );
      assert.ok(energy(pcm) / pcm.length > 0.0005, `${energy(pcm) / pcm.length}`);
    }
    handle.close();
  }
});

decoder('a refused packet changes nothing', async () => {
  const packets = await stream(8);
  const [handle, twin] = [await create(), await create()];
  for (const packet of packets) {
    for (const wrong of [new Uint8Array(), Uint8Array.of(3), Uint8Array.of(1, 2)]) {
      assert.is(
        codeOf(() => handle.decode(wrong)),
        'bad-packet',
      );
      assert.is(
        codeOf(() => handle.decodeInt16(wrong)),
        'bad-packet',
      );
      assert.is(
        codeOf(() => handle.decodeFec(wrong, 960)),
        'bad-packet',
      );
    }
    for (const wrong of [null, undefined, 'packet', new Float32Array(8)]) {
      assert.is(
        codeOf(() => handle.decode(/** @type {any} */ (wrong))),
        'bad-argument',
      );
    }
    assert.equal(handle.decode(packet), twin.decode(packet));
  }
  handle.close();
  twin.close();
});

decoder('cut at every length: decoded or refused', async () => {
  const [packet] = await stream(1, { frameMs: 60, bitrate: 16_000 });
  const handle = await create();
  for (let length = 0; length <= packet.length; length++) {
    const cut = packet.subarray(0, length);
    const code = codeOf(() => assert.ok(handle.decode(cut).every(Number.isFinite)));
    assert.ok(code === '' || code === 'bad-packet', `${length}: ${code}`);
  }
  handle.close();
});

decoder('concealment continues the sound, then fades', async () => {
  const packets = await stream(20);
  const handle = await create();
  for (const packet of packets) handle.decode(packet);
  const level = energy(handle.decode(packets[19]));
  const first = energy(handle.conceal(960));
  assert.ok(first > 0.1 * level, 'not silence');
  assert.ok(first < 2 * level);
  for (let i = 0; i < 50; i++) handle.conceal(960);
  assert.ok(energy(handle.conceal(960)) < 0.01 * level, 'fades');
  for (const samples of [120, 240, 480, 1920, 5760]) {
    assert.is(handle.conceal(samples).length, samples);
    assert.is(handle.concealInt16(samples).length, samples);
  }
  assert.is(handle.lastPacketSamples, 960, 'of packets only');
  handle.close();
});

decoder('numbers of samples that no packet can have', async () => {
  const [packet] = await stream(1);
  const handle = await create({ sampleRate: 16_000 });
  for (const samples of [0, 1, 41, 320.5, 1960, -40, Number.NaN, '320', undefined]) {
    const number = typeof samples === 'number' && Number.isInteger(samples) && samples >= 0;
    const expected = number ? 'frame-size' : 'bad-argument';
    const wrong = /** @type {any} */ (samples);
    assert.is(
      codeOf(() => handle.conceal(wrong)),
      expected,
      String(samples),
    );
    assert.is(
      codeOf(() => handle.decodeFec(packet, wrong)),
      expected,
      String(samples),
    );
  }
  handle.close();
});

decoder('FEC recovers what concealment cannot', async () => {
  // The voice jumps from frame to frame, so that a lost one cannot be guessed from the one before.
  const encoder = await OpusEncoder.create({
    engine,
    sampleRate: 16_000,
    bitrate: 32_000,
    signal: 'voice',
    fec: true,
    expectedLossPercent: 20,
  });
  const packets = Array.from({ length: 40 }, (_, i) =>
    encoder.encode(voice(320, 16_000, 1, 3000 * i)).slice(),
  );
  encoder.close();
  const lost = (i) => i % 5 === 4;
  const [whole, concealed, recovered] = [await create(), await create(), await create()];
  /** @type {Record<'reference' | 'plc' | 'fec', Float32Array[]>} */
  const parts = { reference: [], plc: [], fec: [] };
  packets.forEach((packet, i) => {
    const reference = whole.decode(packet).slice();
    if (!lost(i)) {
      concealed.decode(packet);
      recovered.decode(packet);
      return;
    }
    const next = packets[i + 1];
    if (!next || !opus.inspectPacket(next).fec) {
      concealed.conceal(960);
      recovered.conceal(960);
      return;
    }
    parts.reference.push(reference);
    parts.plc.push(concealed.conceal(960).slice());
    parts.fec.push(recovered.decodeFec(next, 960).slice());
  });
  assert.ok(parts.fec.length > 4, 'most packets carry redundancy');
  const reference = concat(parts.reference);
  const plc = snr(reference, concat(parts.plc));
  const fec = snr(reference, concat(parts.fec));
  assert.ok(fec > plc + 5, `FEC ${fec} dB, concealment ${plc} dB`);
  for (const handle of [whole, concealed, recovered]) handle.close();
});

decoder('FEC without redundancy is concealment', async () => {
  const packets = await stream(6);
  const [handle, twin] = [await create(), await create()];
  for (const packet of packets.slice(0, 4)) {
    handle.decode(packet);
    twin.decode(packet);
  }
  assert.is(opus.inspectPacket(packets[5]).fec, false);
  assert.equal(handle.decodeFec(packets[5], 960), twin.conceal(960));
  handle.close();
  twin.close();
});

decoder('DTX: packets of one or two bytes decode to quiet', async () => {
  const encoder = await OpusEncoder.create({ engine, bitrate: 16_000, dtx: true });
  const handle = await create();
  let small = 0;
  for (let i = 0; i < 60; i++) {
    const packet = encoder.encode(noise(960, i < 10 ? 0.3 : 0.0001, i + 1));
    const pcm = handle.decode(packet);
    assert.is(pcm.length, 960);
    if (packet.length > 2) continue;
    small++;
    assert.ok(pcm.every((x) => Math.abs(x) < 0.02));
  }
  assert.ok(small > 10);
  encoder.close();
  handle.close();
});

decoder('gain, set at creation and live', async () => {
  const packets = await stream(4);
  const [plain, louder] = [await create(), await create({ gain: 6 })];
  for (const packet of packets) {
    const ratio = energy(louder.decode(packet)) / energy(plain.decode(packet));
    assert.ok(Math.abs(10 * Math.log10(ratio) - 6) < 0.05);
  }
  louder.gain = -12;
  assert.is(louder.gain, -12);
  plain.decode(packets[0]);
  louder.decode(packets[0]);
  const ratio = energy(louder.decode(packets[1])) / energy(plain.decode(packets[1]));
  assert.ok(Math.abs(10 * Math.log10(ratio) + 12) < 0.05);
  for (const gain of [-128, 127.999]) louder.gain = gain;
  plain.close();
  louder.close();
});

decoder('phaseInversionDisabled', async () => {
  const encoder = await OpusEncoder.create({
    engine,
    channels: 2,
    bitrate: 24_000,
    signal: 'music',
    application: 'audio',
  });
  const packets = Array.from({ length: 8 }, (_, i) => {
    const opposite = noise(1920, 0.3, i + 1).map((x, k, all) => (k % 2 ? -all[k - 1] : x));
    return encoder.encode(opposite).slice();
  });
  encoder.close();
  const last = (handle) => packets.map((packet) => handle.decode(packet).slice()).pop();
  const [with_, without] = [await create({ channels: 2 }), await create({ channels: 2 })];
  without.phaseInversionDisabled = true;
  assert.not.equal(last(without), last(with_));
  with_.close();
  without.close();
});

decoder('wrong options', async () => {
  for (const wrong of [
    { sampleRate: 44_100 },
    { channels: 0 },
    { gain: 128 },
    { gain: Number.NaN },
    { gain: '3' },
    { phaseInversionDisabled: 1 },
    { samplerate: 48_000 },
  ]) {
    const options = /** @type {any} */ ({ engine, ...wrong });
    assert.is(
      await rejectionOf(OpusDecoder.create(options)),
      'bad-argument',
      JSON.stringify(wrong),
    );
  }
});

decoder('reset gives what a new decoder gives, settings kept', async () => {
  const packets = await stream(5);
  const handle = await create({ gain: 3 });
  const all = () => concat(packets.map((packet) => handle.decode(packet).slice()));
  const first = all();
  assert.not.equal(all(), first);
  handle.reset();
  assert.is(handle.lastPacketSamples, 0);
  assert.equal(all(), first);
  handle.close();
});

decoder('final range is not shown by this engine', async () => {
  const handle = await create();
  assert.is(
    codeOf(() => handle.finalRange),
    'not-supported',
  );
  handle.close();
});

decoder('closed: said so, and closes twice', async () => {
  const handle = await create();
  handle.close();
  handle.close();
  handle[Symbol.dispose]?.(); // WebKitGTK 2.50 has no Symbol.dispose
  const packet = Uint8Array.of(8);
  for (const call of [
    () => handle.decode(packet),
    () => handle.decodeInt16(packet),
    () => handle.conceal(960),
    () => handle.concealInt16(960),
    () => handle.decodeFec(packet, 960),
    () => handle.decodeFecInt16(packet, 960),
    () => handle.configure({}),
    () => (handle.gain = 1),
    () => handle.finalRange,
    () => handle.reset(),
  ]) {
    assert.is(codeOf(call), 'released');
  }
});

decoder.run();
