import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { callStreams } from 'sottovoce/streams';
import { connect, makeCalls, settle } from '../support/calls.js';
import { survives } from '../support/odd-values.js';

const streams = suite('streams/call');

/** @param {{ advance(ms: number): void }} clock @param {number} ms */
async function pass(clock, ms) {
  for (let done = 0; done < ms; done += 5) {
    clock.advance(5);
    await settle();
  }
}

streams(
  'what one writes in any pieces the other one reads, in the time that it lasts',
  async () => {
    const calls = await makeCalls();
    const { clock, caller, callee } = calls;
    const { writable } = callStreams(caller, { clock });
    const { readable } = callStreams(callee, { clock });
    const writer = writable.getWriter();
    const reader = readable.getReader();
    // 50 frames and a half, each of whose samples is its number; before there is a call.
    const pcm = Float32Array.from({ length: 50.5 * 960 }, (_, i) => 1 + Math.floor(i / 960));
    let written = false;
    for (let at = 0; at < pcm.length; at += 1000) void writer.write(pcm.slice(at, at + 1000));
    void writer.close().then(() => {
      written = true;
    });
    /** @type {{ at: number, value: number }[]} */
    const heard = [];
    const reading = (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        heard.push({ at: clock.now(), value: value[0] });
      }
    })();
    await connect(calls);
    const start = clock.now();
    await pass(clock, 900);
    assert.not(written, 'it takes the time that it lasts');
    await pass(clock, 600);
    assert.ok(written);
    const real = heard.filter(({ value }) => value > 0);
    assert.equal(
      real.map(({ value }) => value),
      Array.from({ length: 51 }, (_, i) => i + 1),
    );
    for (const [i, { at }] of heard.entries()) assert.ok(Math.abs(at - heard[0].at - 20 * i) <= 5);
    assert.ok(start > 0);
    caller.hangUp();
    await pass(clock, 50);
    await reading;
    assert.is(clock.pending, 0);
  },
);

streams('when the call ends, the one ends and the other errors', async () => {
  const calls = await makeCalls();
  const { clock, caller } = calls;
  const { readable, writable } = callStreams(caller, { clock });
  await connect(calls);
  const writer = writable.getWriter();
  let code = '';
  const failed = writer.write(new Int16Array(96_000)).catch((error) => {
    code = error.code;
  });
  writer.closed.catch(() => {});
  await pass(clock, 100);
  caller.hangUp();
  await failed;
  assert.is(code, 'released');
  const { done } = await readable.getReader().read();
  assert.ok(done);
});

streams('bad input', async () => {
  const { caller } = await makeCalls();
  survives('call', (value) => callStreams(value));
  survives('options', (value) => callStreams(caller, value));
  survives('clock', (value) => callStreams(caller, { clock: value }));
  const writer = callStreams(caller).writable.getWriter();
  let code = '';
  writer.closed.catch(() => {});
  await writer.write(/** @type {any} */ ('pcm')).catch((error) => {
    code = error.code;
  });
  assert.is(code, 'bad-argument');
});

streams.run();
