import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseRtp } from 'sottovoce/call';
import { connect, makeCalls } from '../support/calls.js';

const recorded = suite('call/openRecorded');
/** @param {() => unknown} act @param {string} code */
const fails = (act, code) =>
  assert.throws(act, (/** @type {any} */ error) => error.code === code, code);

recorded('what was recorded opens with the key of the call, and with its sender only', async () => {
  /** @type {{ data: Uint8Array, sender: 'caller' | 'callee' }[]} */
  const packets = [];
  const calls = await makeCalls({
    transport: {
      fate(data, direction) {
        packets.push({ data: data.slice(), sender: direction === 0 ? 'caller' : 'callee' });
        return { delaysMs: [30] };
      },
    },
  });
  const { caller, callee, clock } = calls;
  fails(() => caller.openRecorded(new Uint8Array(40), 'caller'), 'out-of-order');
  await connect(calls);
  for (let n = 0; n < 20; n++) {
    caller.write(new Float32Array(960).fill(n));
    callee.read();
    clock.advance(20);
  }
  const before = [caller.stats(), callee.stats()];
  let voice = 0;
  for (const { data, sender } of packets) {
    for (const end of [caller, callee]) {
      const other = sender === 'caller' ? 'callee' : 'caller';
      assert.is(end.openRecorded(data, other), null, 'a packet sent back');
      const body = end.openRecorded(data, sender);
      assert.ok(body);
      if (body[4] === 5 && parseRtp(body.subarray(5))?.payload.length === 60) voice++;
    }
    const damaged = data.slice();
    damaged[20] ^= 1;
    assert.is(caller.openRecorded(damaged, sender), null);
  }
  assert.ok(voice >= 30, `${voice} of 40`);
  assert.equal([caller.stats(), callee.stats()], before, 'nothing of it was counted');
  fails(
    () => caller.openRecorded(new Uint8Array(40), /** @type {any} */ ('nobody')),
    'bad-argument',
  );
  caller.hangUp();
  fails(() => caller.openRecorded(packets[0].data, 'caller'), 'released');
  for (const end of [caller, callee]) end.close();
});

recorded.run();
