// npm run check:call [-- --quick] [-- --only WORD]: what a call has to stand, in virtual time and from seeds.
// Paths of 60 ms one way, 24 kbit/s, frames of 20 ms. One line per case, then "N passed, N failed".
// --quick leaves out most of the 48 hours.
import './ready.mjs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const { createCallCore, qualityRule } = await import('sottovoce/call');
const { burstLoss, codecModel } = await import('sottovoce/emulation');
const { opusCodec } = await import('sottovoce/internal');
const { connectPaths, makePathCalls, pass, relayAt } = await import(
  '../test/support/path-calls.js'
);

const { pathFaults } = await import('./check-call/paths.mjs');
const { quantile, voiceLab } = await import('./lib/voice-lab.mjs');
const { readWav } = await import('../examples/demo/wav.mjs');

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : '';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const DELAY = { delayMs: 60 };
const PHASES = [0.5, 4, 9.5, 15, 19.5];
const controller = () => qualityRule({ maxBitrate: 24_000 });

let passed = 0;
let failed = 0;

/** One case: a figure, and the bound that it must not exceed. */
function check(name, value, bound, unit) {
  const ok = value <= bound;
  if (ok) passed++;
  else failed++;
  const figures = `${value.toFixed(2)} ${unit} (at most ${bound})`;
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(66)} ${figures}`);
}

const percent = (share) => 100 * share;
const worst = (values) => Math.max(...values);

async function section(name, run) {
  if (name.includes(only)) await run();
}

/** Both talk for `ms`; when the callee played nothing that came from real data. */
async function talk(calls, ms) {
  const { clock, caller, callee } = calls;
  const silent = [];
  for (let done = 0; done < ms; done += 20) {
    for (const end of [caller, callee]) end.write(new Float32Array(960));
    caller.read();
    callee.read();
    if (callee.lastPlayed < 0) silent.push(clock.now());
    await pass(calls, 20);
  }
  return silent;
}

/** From a fault in mid-call to the last moment at which nothing real is played, less what it lasts. */
async function restored({ lastsMs, act }) {
  const times = [];
  for (let seed = 1; seed <= 5; seed++) {
    const common = () => ({ codec: codecModel({ bitrate: 24_000 }), quality: controller() });
    const calls = await makePathCalls({
      paths: { one: DELAY },
      seed,
      caller: { endpoints: [relayAt('one')], ...common() },
      callee: common(),
    });
    await connectPaths(calls);
    await talk(calls, 3000 + 60 * seed);
    await act(calls);
    const start = calls.clock.now();
    const silent = await talk(calls, 8000);
    times.push(silent.length === 0 ? 0 : Math.max(0, silent.at(-1) + 20 - start - lastsMs));
    calls.caller.close();
    calls.callee.close();
  }
  return worst(times);
}

await section('outage', async () => {
  const time = await restored({
    lastsMs: 100,
    act: ({ network }) => network.one.change({ ...DELAY, outages: [{ atMs: 0, durationMs: 100 }] }),
  });
  check('outage of 100 ms: audio restored after', time, 400, 'ms');
});

await section('path', async () => {
  for (const delayMs of [30, 160]) {
    const time = await restored({
      lastsMs: 0,
      act: ({ network }) => network.one.change({ delayMs }),
    });
    check(`the path changes from 60 to ${delayMs} ms: restored after`, time, 1000, 'ms');
  }
  for (const { name, limitMs, measure } of pathFaults) {
    check(`the path in use ${name}: restored after`, await measure(), limitMs, 'ms');
  }
});

await section('loss', async () => {
  const conditions = { ...DELAY, loss: 0.1 };
  const encoder = { fec: true, expectedLossPercent: 6 };
  for (const seed of [1, 2, 3]) {
    const fec = await voiceLab({ seconds: 300, conditions, encoder, seed });
    check(
      `10 % loss, in-band FEC alone, seed ${seed}: concealed`,
      percent(fec.concealed),
      1.5,
      '%',
    );
    const free = await voiceLab({ seconds: 300, conditions, controller, seed });
    check(
      `10 % loss, the rule decides, seed ${seed}: concealed`,
      percent(free.concealed),
      0.5,
      '%',
    );
  }
  const bursts = await voiceLab({
    seconds: 300,
    conditions: { ...DELAY, loss: burstLoss(0.05, 2) },
    controller,
  });
  check(
    '5 % loss in bursts of two, the rule decides: concealed',
    percent(bursts.concealed),
    2,
    '%',
  );
});

await section('speech', async () => {
  const file = fileURLToPath(new URL('../examples/demo/demo-speech.wav', import.meta.url));
  const { pcm } = readWav(file);
  const frames = Array.from({ length: Math.floor(pcm.length / 960) }, (_, n) =>
    pcm.slice(960 * n, 960 * (n + 1)),
  );
  // Voiced: within 30 dB of the loudest frame.
  const powers = frames.map((frame) => frame.reduce((sum, x) => sum + x * x, 0));
  const voiced = powers.map((power) => power > worst(powers) / 1000);
  const spoken = (n) => frames[((n % frames.length) + frames.length) % frames.length];
  const isVoiced = (n) => voiced[((n % frames.length) + frames.length) % frames.length];
  const core = createCallCore();
  const run = async (options) => {
    let concealed = 0;
    let before = 0;
    let all = 0;
    await voiceLab({
      seconds: 180,
      conditions: { ...DELAY, loss: 0.1 },
      codec: opusCodec,
      pcmOf: spoken,
      record: false,
      onRead({ frame, receiver }) {
        if (isVoiced(frame)) {
          all++;
          concealed += receiver.concealed - before;
        }
        before = receiver.concealed;
      },
      ...options,
    });
    return percent(concealed / all);
  };
  const fec = { fec: true, expectedLossPercent: 10 };
  check(
    'speech through Opus, 10 % loss, FEC alone: voiced concealed',
    await run({ encoder: fec }),
    1.5,
    '%',
  );
  check(
    'speech through Opus, 10 % loss, the rule: voiced concealed',
    await run({ controller }),
    0.5,
    '%',
  );
  core.close();
});

await section('burst', async () => {
  const outages = Array.from({ length: 50 }, (_, i) => ({
    atMs: 2000 + 2000 * i,
    durationMs: 100,
  }));
  const result = await voiceLab({
    seconds: 110,
    conditions: { ...DELAY, outages },
    controller,
    cipher: true,
  });
  const { played, recovered, restarts } = result.playout;
  check('50 bursts of 5 packets: packets refused', result.dropped, 0, 'packets');
  check('50 bursts of 5 packets: the buffer began anew', restarts - 1, 0, 'times');
  check(
    '50 bursts of 5 packets: frames not played',
    result.frames - played - recovered,
    260,
    'frames',
  );
});

await section('jitter', async () => {
  const jitter = { kind: /** @type {const} */ ('uniform'), ms: 20 };
  const calm = [];
  const rough = [];
  const late = [];
  for (const [i, phaseMs] of PHASES.entries()) {
    const still = await voiceLab({ seconds: 120, conditions: DELAY, phaseMs });
    calm.push(quantile(still.delays, 0.5));
    const seed = i + 1;
    const lively = await voiceLab({
      seconds: 300,
      conditions: { ...DELAY, jitter },
      phaseMs,
      seed,
    });
    rough.push(quantile(lively.delays, 0.5));
    late.push(percent(lively.late));
  }
  check('no jitter: median playout delay over the earliest possible', worst(calm), 20, 'ms');
  check('jitter 0..20 ms: median playout delay over the earliest', worst(rough), 40, 'ms');
  check('jitter 0..20 ms: packets that came too late', worst(late), 0.5, '%');
});

await section('drift', async () => {
  for (const [hours, driftPpm] of quick
    ? [[2, 100]]
    : [
        [48, 100],
        [2, -100],
      ]) {
    const ends = { first: [], last: [] };
    const seconds = hours * 3600;
    collectGarbage();
    let heap = 0;
    const result = await voiceLab({
      seconds,
      conditions: DELAY,
      driftPpm,
      record: false,
      onRead({ now, delay }) {
        if (now > 60_000 && now < 600_000) ends.first.push(delay);
        else if (heap === 0 && now > 600_000) {
          collectGarbage();
          heap = process.memoryUsage().heapUsed;
        } else if (now > 1000 * (seconds - 540)) ends.last.push(delay);
      },
    });
    collectGarbage();
    const grown = (process.memoryUsage().heapUsed - heap) / 1024;
    const [first, last] = [ends.first, ends.last].map((all) =>
      quantile(Float64Array.from(all), 0.5),
    );
    const name = `${hours} h, clocks apart by ${driftPpm} ppm`;
    check(`${name}: change of the median delay`, Math.abs(last - first), 20, 'ms');
    check(`${name}: delay at the end`, last, 40, 'ms');
    check(`${name}: memory grown`, grown, 1024, 'KB');
    check(`${name}: frames concealed`, percent(result.concealed), 0.01, '%');
  }
});

await section('cpu', async () => {
  const cpu = async (run) => {
    const start = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  };
  const lab = { conditions: { ...DELAY, loss: 0.02 }, record: false, controller };
  /** The least of three runs: the first compiles, and others use the machine too. */
  const least = async (run) => Math.min(await cpu(run), await cpu(run), await cpu(run));
  const plain = await least(() => voiceLab({ ...lab, seconds: 300 }));
  check('CPU of a 300-s call, both directions, codec model, no cipher', plain, 0.3, 's');
  const sealed = await least(() => voiceLab({ ...lab, seconds: 300, cipher: true }));
  check('CPU of a 300-s call, both directions, codec model and cipher', sealed, 0.6, 's');

  const core = createCallCore();
  const codec = opusCodec(core);
  const format = /** @type {const} */ ({ sampleRate: 48_000, channels: 1 });
  const seconds = 60;
  const speech = Array.from({ length: 50 }, (_, n) =>
    Float32Array.from({ length: 960 }, (_, i) => {
      const t = (960 * n + i) / 48_000;
      return 0.2 * Math.sin(2 * Math.PI * (150 + 40 * Math.sin(5 * t)) * t) * Math.sin(9 * t) ** 2;
    }),
  );
  const code = async (seconds) => {
    for (let side = 0; side < 2; side++) {
      const encoder = await codec.createEncoder(format, { bitrate: 24_000 });
      const decoder = await codec.createDecoder(format);
      for (let n = 0; n < 50 * seconds; n++) decoder.decode(encoder.encode(speech[n % 50]));
      encoder.close();
      decoder.close();
    }
  };
  await code(5); // compiled and warm
  const alone = await cpu(() => code(seconds));
  const call = await cpu(() =>
    voiceLab({
      seconds,
      conditions: DELAY,
      codec: opusCodec,
      record: false,
      cipher: true,
      controller: () => ({ update: () => null }),
      pcmOf: (n) => speech[n % 50],
    }),
  );
  check(
    `CPU of a ${seconds}-s call over that of coding the same frames alone`,
    call / alone,
    1.3,
    'times',
  );
  core.close();
});

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
