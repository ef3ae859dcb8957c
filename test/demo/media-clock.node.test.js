import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MediaClock, createClockBase } from '../../examples/demo/media-clock.mjs';

const clock = suite('demo: media clock');

clock('runs faster and never backwards; timers ring in media time', async () => {
  const media = new MediaClock(createClockBase(50));
  const before = media.now();
  let rung = 0;
  const cancel = media.setTimer(100, () => (rung = -1));
  cancel();
  cancel();
  await new Promise((/** @type {(value: void) => void} */ resolve) => media.setTimer(500, resolve));
  assert.ok(media.now() - before >= 500);
  assert.is(rung, 0);
});

clock('the faster peer waits for the slower one, and time waits with it', () => {
  const base = createClockBase(50);
  const caller = new MediaClock(base);
  const callee = new MediaClock(base);
  caller.startVoice(0);
  callee.startVoice(1);
  let frames = 0;
  while (caller.mayRun(0, -1e9) && frames < 100) {
    caller.countFrame(0);
    frames++;
  }
  assert.ok(frames > 1 && frames < 20, `${frames}`);
  callee.countFrame(1);
  assert.ok(caller.mayRun(0, -1e9));
  for (let i = 0; i < 20; i++) caller.countFrame(0);
  assert.not(caller.mayRun(0, -1e9));
  callee.endVoice(1);
  assert.ok(caller.mayRun(0, -1e9));
});

clock('nobody begins before both are here', () => {
  const base = createClockBase(50);
  const caller = new MediaClock(base);
  caller.startVoice(0);
  assert.not(caller.mayRun(0, -1e9));
  new MediaClock(base).startVoice(1);
  assert.ok(caller.mayRun(0, -1e9));
});

clock('no more datagrams are under way than a socket buffer holds', () => {
  const base = createClockBase(50);
  const caller = new MediaClock(base);
  const callee = new MediaClock(base);
  caller.startVoice(0);
  callee.startVoice(1);
  let sent = 0;
  while (caller.mayRun(0, -1e9) && sent < 1000) {
    caller.countSent(0);
    sent++;
  }
  assert.ok(sent < 80, `${sent}`);
  callee.countArrived(1);
  assert.ok(caller.mayRun(0, -1e9));
});

clock('a real call waits for nobody', () => {
  const caller = new MediaClock(createClockBase(1));
  caller.startVoice(0);
  caller.startVoice(1);
  for (let i = 0; i < 500; i++) {
    caller.countFrame(0);
    caller.countSent(0);
  }
  assert.ok(caller.mayRun(0, -1e9));
});

clock.run();
