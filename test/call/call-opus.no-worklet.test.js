import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect, makeCalls } from '../support/calls.js';

const call = suite('call/call with Opus');

/** 20 ms of a tone with its phase continued. */
const tone = (/** @type {number} */ n, /** @type {number} */ hertz) =>
  Float32Array.from(
    { length: 960 },
    (_, i) => 0.4 * Math.sin((2 * Math.PI * hertz * (n * 960 + i)) / 48_000),
  );

/** Power of a frequency over the power of everything. */
function purity(/** @type {Float32Array} */ pcm, /** @type {number} */ hertz) {
  let [re, im, all] = [0, 0, 0];
  pcm.forEach((x, i) => {
    re += x * Math.cos((2 * Math.PI * hertz * i) / 48_000);
    im += x * Math.sin((2 * Math.PI * hertz * i) / 48_000);
    all += x * x;
  });
  return (2 * (re * re + im * im)) / (pcm.length * all);
}

call('each hears the tone of the other; rates and frames may differ', async () => {
  const calls = await makeCalls({
    caller: { codec: undefined, encoder: { bitrate: 24_000, frameMs: 40 } },
    callee: { codec: undefined, encoder: { bitrate: 24_000, fec: true } },
  });
  const { caller, callee, clock } = calls;
  await connect(calls);
  const [atCaller, atCallee] = [new Float32Array(48_000), new Float32Array(48_000)];
  assert.is(caller.frameLength, 1920);
  for (let n = 0; n < 60; n++) {
    callee.write(tone(n, 1000));
    if (n % 2 === 1) {
      const pair = new Float32Array(1920);
      pair.set(tone(n - 1, 600));
      pair.set(tone(n, 600), 960);
      caller.write(pair);
      const heard = caller.read();
      if (n >= 11 && (n - 11) * 960 + 1920 <= 48_000) atCaller.set(heard, (n - 11) * 960);
    }
    const heard = callee.read();
    if (n >= 10) atCallee.set(heard, (n - 10) * 960);
    clock.advance(20);
  }
  assert.ok(purity(atCaller.subarray(9600), 1000) > 0.95);
  assert.ok(purity(atCallee.subarray(9600), 600) > 0.95);
  const { packets, voice } = callee.stats();
  assert.is(packets.concealed + packets.lost, 0);
  assert.is(voice.frames, 60);
  caller.close();
  callee.close();
});

call('with DTX silence is not sent, and is no loss', async () => {
  const calls = await makeCalls({ caller: { codec: undefined, encoder: { dtx: true } } });
  const { caller, clock } = calls;
  await connect(calls);
  const silence = new Float32Array(960);
  for (let n = 0; n < 100; n++) {
    caller.write(silence);
    clock.advance(20);
  }
  assert.ok(caller.stats().voice.frames < 50);
  caller.close();
});

call.run();
