import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { qualityRule } from 'sottovoce/call';
import { codecModel } from 'sottovoce/emulation';
import {
  BandwidthEstimator,
  FEEDBACK_BYTES,
  parseFeedback,
  VoiceSender,
  writeFeedback,
} from 'sottovoce/internal';
import { makeCalls, connect } from '../support/calls.js';
import { prng } from '../support/prng.js';

const quality = suite('call/quality');

const feedback = {
  highest: 0x1_2345,
  received: 1000,
  bytes: 0xffff_fff0,
  echo: 0x8000_0000,
  held: 960,
  queue: 41,
  jitter: 7,
  playout: 60,
  frames: 990,
  concealed: 9,
  late: 3,
  burst: 5,
};

/** @type {import('sottovoce/call').QualityReport} */
const calm = {
  timeMs: 10_000,
  intervalMs: 250,
  sentBps: 48_000,
  throughputBps: 48_000,
  capacityBps: 90_000,
  rttMs: 120,
  rttTrend: 0,
  queueMs: 0,
  queueTrend: 0,
  jitterMs: 1,
  loss: 0,
  meanLoss: 0,
  burst: 0,
  late: 0,
  concealed: 0,
  playoutMs: 10,
  bitrate: 24_000,
  frameMs: 20,
  redundancy: 0,
};

quality('a report, there and back', () => {
  const bytes = new Uint8Array(FEEDBACK_BYTES + 4);
  assert.is(writeFeedback(bytes, 2, feedback), FEEDBACK_BYTES);
  assert.equal(parseFeedback(bytes, 2), feedback);
  assert.is(parseFeedback(bytes, 1), null, 'of another stream');
  assert.is(parseFeedback(bytes.subarray(0, FEEDBACK_BYTES - 1), 2), null);
  const random = prng(8);
  for (let i = 0; i < 2000; i++) parseFeedback(random.bytes(random.int(80)), 2);
});

quality('bandwidth: a queue that grows is a limit, loss is none, a longer path neither', () => {
  const estimate = new BandwidthEstimator();
  const start = estimate.capacityBps;
  for (let i = 0; i < 40; i++) {
    estimate.add({ ...calm, loss: 0.1, meanLoss: 0.1, throughputBps: 43_000 });
  }
  assert.ok(estimate.capacityBps > start);
  assert.ok(estimate.capacityBps < 1.6 * 48_000 + 16_000, 'not far beyond what has passed');
  const before = estimate.capacityBps;
  estimate.add({ ...calm, queueMs: 120, queueTrend: 200, throughputBps: 30_000 });
  assert.ok(estimate.capacityBps < 30_000);
  for (let i = 0; i < 40; i++) estimate.add(calm);
  assert.ok(estimate.capacityBps > 0.9 * before, 'back within ten seconds');
  for (let i = 0; i < 40; i++) estimate.add({ ...calm, queueMs: 150 });
  assert.ok(estimate.capacityBps > 80_000, '150 ms that do not change');
});

quality('the rule: copies for loss, fewer headers and bits for a narrow path', () => {
  const rule = () => qualityRule({ maxBitrate: 24_000 });
  const still = rule().update(calm);
  assert.equal(still, {
    bitrate: 24_000,
    frameMs: 20,
    redundancy: 0,
    fec: false,
    expectedLossPercent: 0,
    dtx: false,
  });
  const lossy = rule().update({
    ...calm,
    meanLoss: 0.1,
    loss: 0.1,
    burst: 1,
    capacityBps: 170_000,
  });
  assert.ok(lossy?.fec && lossy.redundancy >= 1);
  assert.is(lossy?.expectedLossPercent, 10);
  const slight = rule().update({ ...calm, meanLoss: 0.02, burst: 1 });
  assert.is(slight?.expectedLossPercent, 6, 'less would give no redundancy');
  const narrow = rule().update({ ...calm, capacityBps: 30_000 });
  assert.ok(narrow && narrow.frameMs === 60 && narrow.bitrate < 24_000);
  const none = rule().update({ ...calm, capacityBps: 1000 });
  assert.equal([none?.bitrate, none?.frameMs, none?.redundancy], [8000, 60, 0]);
});

quality('the rule: every decision fits the path, and small changes change nothing', () => {
  const random = prng(14);
  const rule = qualityRule();
  for (let i = 0; i < 2000; i++) {
    const capacityBps = 20_000 + random.int(150_000);
    const decision = rule.update({
      ...calm,
      capacityBps,
      meanLoss: random.float() / 3,
      burst: random.int(6),
      rttMs: random.int(600),
    });
    assert.ok(decision);
    const { bitrate, frameMs, redundancy } = decision;
    const headers = (61 + (redundancy > 0 ? 1 + 4 * redundancy : 0)) * (8000 / frameMs);
    assert.ok(bitrate * (1 + redundancy) + headers <= capacityBps);
  }
  for (const bad of [{ minBitrate: 1 }, { maxBitrate: 7000 }, { maxRedundancy: 3 }, { los: 1 }]) {
    assert.throws(
      () => qualityRule(/** @type {any} */ (bad)),
      (/** @type {any} */ error) => error.code === 'bad-argument',
    );
  }
});

quality('a sender whose packets change duration and copies', async () => {
  const codec = codecModel();
  const format = { sampleRate: /** @type {const} */ (48_000), channels: /** @type {const} */ (1) };
  /** @type {Uint8Array[]} */
  const sent = [];
  const target = new Uint8Array(1400);
  const sender = new VoiceSender({
    encoder: await codec.createEncoder(format, {}),
    connection: { sendAudio: (write) => void sent.push(target.slice(0, write(target))) },
    ssrc: 2,
    format,
    frame: 960,
    sequence: 65_535,
    timestamp: 0,
    dtx: false,
  });
  const write = (/** @type {number} */ frames) => {
    for (let n = 0; n < frames; n++)
      sender.write(n % 2 ? new Int16Array(960) : new Float32Array(960));
  };
  write(2);
  sender.redundancy = 2;
  write(1);
  sender.frameMs = 60;
  assert.is(sender.frameMs, 60);
  write(3);
  write(2);
  sender.frameMs = 30; // 20 is as near as it gets
  write(2);
  assert.equal(
    sent.map((packet) => packet.length),
    [72, 72, 12 + 9 + 180, 12 + 9 + 180 + 120, 12 + 9 + 180 + 60 + 180, 12 + 9 + 60 + 180 + 180],
  );
  const timestamps = sent.map((packet) => new DataView(packet.buffer).getUint32(4) / 960);
  assert.equal(timestamps, [0, 1, 2, 3, 6, 9]);
  sender.close();
});

quality('in a call: the peer tells, the statistics show it, the controller decides', async () => {
  const random = prng(15);
  let lossy = false;
  const fate = () => ({ delaysMs: lossy && random.int(10) === 0 ? [] : [30] });
  const codec = codecModel();
  const both = { codec, playoutDelayMs: 0, quality: qualityRule({ maxBitrate: 24_000 }) };
  const calls = await makeCalls({
    transport: { fate },
    caller: both,
    callee: { ...both, quality: null },
  });
  await connect(calls);
  const { caller, callee, clock } = calls;
  assert.is(caller.stats().quality, null);
  const talk = (/** @type {number} */ frames) => {
    for (let n = 0; n < frames; n++) {
      caller.write(new Float32Array(960));
      callee.write(new Float32Array(960));
      caller.read();
      callee.read();
      clock.advance(20);
    }
  };
  talk(100);
  const { quality: report, sending } = caller.stats();
  assert.ok(report && Math.abs(report.rttMs - 60) < 2, `${report?.rttMs}`);
  assert.is(sending.redundancy, 0);
  lossy = true;
  talk(500);
  assert.ok(caller.stats().sending.redundancy > 0);
  assert.is(callee.stats().sending.redundancy, 0);
  assert.ok((caller.stats().quality?.meanLoss ?? 0) > 0.04);
  const before = callee.stats().packets.concealed;
  talk(1000);
  assert.ok(callee.stats().packets.concealed - before < 15);
  caller.close();
  callee.close();
  clock.advance(30);
  assert.is(clock.pending, 0);
});

quality.run();
