import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { VirtualClock } from 'sottovoce/emulation';
import { prng } from '../support/prng.js';

const clocks = suite('emulation/clock');

clocks('timers ring in order of time, then of setting', () => {
  const clock = new VirtualClock(5);
  /** @type {string[]} */
  const rung = [];
  clock.setTimer(10, () => rung.push('b'));
  clock.setTimer(10, () => rung.push('c'));
  clock.setTimer(3, () => {
    rung.push(`a${clock.now()}`);
    clock.setTimer(0, () => rung.push('at once'));
  });
  const cancel = clock.setTimer(4, () => rung.push('never'));
  cancel();
  cancel();
  assert.is(clock.pending, 3);
  clock.advance(9.5);
  assert.equal(rung, ['a8', 'at once']);
  clock.advanceTo(15);
  assert.equal(rung, ['a8', 'at once', 'b', 'c']);
  assert.is(clock.now(), 15);
  assert.is(clock.pending, 0);
});

clocks('against a sorted list, with cancelled timers', () => {
  const random = prng(4);
  const clock = new VirtualClock();
  /** @type {[number, number][]} */
  const expected = [];
  /** @type {[number, number][]} */
  const rung = [];
  for (let n = 0; n < 3000; n++) {
    const at = random.int(500);
    const cancel = clock.setTimer(at, () => rung.push([at, n]));
    if (random.int(3) > 0) cancel();
    else expected.push([at, n]);
  }
  assert.is(clock.pending, expected.length);
  clock.advance(500);
  assert.equal(
    rung,
    expected.sort(([a, n], [b, m]) => a - b || n - m),
  );
});

clocks('a callback that throws stops the clock at its time', () => {
  const clock = new VirtualClock();
  let later = 0;
  clock.setTimer(10, () => {
    throw new RangeError('no');
  });
  clock.setTimer(20, () => later++);
  assert.throws(() => clock.advance(100), 'no');
  assert.is(clock.now(), 10);
  clock.advance(10);
  assert.is(later, 1);
});

clocks('bad arguments', () => {
  const clock = new VirtualClock();
  const bad = (/** @type {() => unknown} */ act) =>
    assert.throws(act, (/** @type {any} */ error) => error.code === 'bad-argument');
  for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, /** @type {any} */ ('1 ms')]) {
    bad(() => clock.advance(value));
    bad(() => clock.setTimer(value, () => {}));
    bad(() => new VirtualClock(value));
  }
  bad(() => clock.setTimer(1, /** @type {any} */ (undefined)));
});

clocks.run();
