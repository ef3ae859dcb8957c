// npm run check:nat [-- FILTER...]: calls between two homes behind NATs, in network namespaces of this machine, with
// coturn as STUN and TURN server. Needs Linux, root, ip, nft and turnserver; without them it says so and
// is green.
import './ready.mjs';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, destroy, homes, missing, names, SERVERS, start } from './lib/nat-lab.mjs';

const reason = missing();
if (reason) {
  console.log(`not run: ${reason}`);
  console.log('0 passed, 0 failed');
  process.exit(0);
}

const peerFile = fileURLToPath(new URL('./lib/nat-peer.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sottovoce-nat-'));
const credential = { username: 'sottovoce', password: 'not a secret here' };
const filters = process.argv.slice(2);
const totals = { passed: 0, failed: 0 };
const running = new Set();

function cleanUp() {
  for (const child of running) child.kill('SIGKILL');
  destroy();
  rmSync(folder, { recursive: true, force: true });
}
process.on('exit', cleanUp);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
const lab = build();

/** A process in a namespace. */
function launch(space, command, args, stdio) {
  const child = start(space, command, args, { stdio, serialization: 'advanced' });
  running.add(child);
  const exited = new Promise((resolve) => child.on('exit', resolve));
  child.on('exit', () => running.delete(child));
  return { child, exited };
}

async function turn(host) {
  const args = ['-n', '--no-tls', '--no-dtls', '--no-cli', '--lt-cred-mech', '--fingerprint'];
  args.push('-L', host, '-p', '3478', '-r', 'sottovoce.test');
  args.push('-u', `${credential.username}:${credential.password}`);
  args.push('--min-port', '50000', '--max-port', '50100', '--log-file', 'stdout');
  args.push('--userdb', join(folder, `${host}.db`), '--pidfile', join(folder, `${host}.pid`));
  const server = launch(names.internet, 'turnserver', args, ['ignore', 'ignore', 'ignore']);
  await sleep(400);
  return server;
}

/** A peer or a relay: `ask` waits for the answer of a kind. */
function process_(space, begin) {
  const { child, exited } = launch(
    space,
    process.execPath,
    [peerFile],
    ['ignore', 'inherit', 'inherit', 'ipc'],
  );
  const waiting = new Map();
  const heard = (kind) => new Promise((resolve) => waiting.set(kind, resolve));
  const states = [];
  const peer = {
    child,
    exited,
    states,
    heard,
    signal: (_message) => {},
    ask(question, kind) {
      const answer = heard(kind);
      child.send({ question });
      return answer;
    },
    tell: (question) => child.connected && child.send({ question }),
  };
  child.on('error', () => {}); // it has left meanwhile
  child.on('message', (message) => {
    if (message.up) child.send({ begin });
    if (message.signal) peer.signal(message.signal);
    if (message.state) states.push(message.state);
    for (const [kind, value] of Object.entries(message)) waiting.get(kind)?.(value);
  });
  return peer;
}

/** Runs a call for some time; `during` may do things to the network in the middle. */
async function call({ seconds, servers, iceServers, endpoints, p2p = true, during }) {
  const options = {
    servers,
    iceServers,
    endpoints,
    p2p,
    timeouts: { connect: 20_000, packet: 10_000 },
  };
  const callee = process_(names.callee, { role: 'callee', ...options });
  await callee.heard('up');
  const caller = process_(names.caller, { role: 'caller', ...options });
  const deliver = (to) => (signal) => to.child.connected && to.child.send({ signal });
  caller.signal = deliver(callee);
  callee.signal = deliver(caller);
  const ends = [caller, callee];
  const deadline = Date.now() + 25_000;
  while (!ends.every(({ states }) => states.includes('active')) && Date.now() < deadline) {
    if (ends.some(({ states }) => states.includes('ended'))) break;
    await sleep(50);
  }
  await sleep(1500);
  for (const end of ends) end.tell('count anew');
  await sleep((seconds * 1000) / 2);
  const more = await during?.(ends);
  await sleep((seconds * 1000) / 2);
  const reports = [];
  for (const end of ends) reports.push(await end.ask('report', 'report'));
  for (const end of ends) end.tell('end');
  await Promise.all(ends.map(({ exited }) => Promise.race([exited, sleep(3000)])));
  for (const { child } of ends) child.kill('SIGKILL');
  return { reports, more };
}

async function check(name, body) {
  if (!filters.every((filter) => name.includes(filter))) return;
  const began = Date.now();
  let text;
  let ok = true;
  try {
    text = await body();
  } catch (error) {
    ok = false;
    text = error.message;
  }
  totals[ok ? 'passed' : 'failed']++;
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`${ok ? 'ok   ' : 'FAIL '} ${name} (${seconds} s): ${text}`);
}

function expect(condition, text, reports) {
  if (!condition) throw new Error(`${text}: ${JSON.stringify(reports, (_, v) => v ?? null)}`);
}

const ice = { kind: 'ice' };
const hidden = { kind: 'ice', relayOnly: true };
const stunAt = (host) => ({ host, port: 3478 });
const turnAt = (host) => ({ host, port: 3478, ...credential });

/** Heard frames in percent, and the longest time without one. */
function summary(reports) {
  const heard = reports.map(({ fresh, frames, counted = frames }) => fresh / counted);
  const gap = Math.max(...reports.map(({ gapMs }) => gapMs));
  return {
    gap,
    text: `${reports.map(({ fresh }) => fresh).join(' and ')} frames heard, longest gap ${gap.toFixed(0)} ms`,
    heard,
  };
}

/** Nearly all frames of the time must have been heard. */
function expectVoice(reports, seconds, mayMiss = 0.1) {
  const due = seconds * 50 * (1 - mayMiss);
  expect(
    reports.every(({ state, fresh }) => state === 'active' && fresh >= due),
    `less than ${due.toFixed(0)} frames`,
    reports,
  );
}

/** No address but the server's was told, and no packet went elsewhere. */
function expectHidden(reports) {
  const told = reports.flatMap((report) => report.told).join('\n');
  for (const { lan, wan } of Object.values(homes)) {
    expect(!told.includes(lan) && !told.includes(wan), 'an address was told', told);
  }
  expect(told.includes(SERVERS[0]), 'the relay was not told', told);
  const direct = ['caller', 'callee'].map((role) => lab.direct(role));
  expect(
    direct.every((packets) => packets === 0),
    'packets past the relay',
    direct,
  );
  return `${direct.join(' and ')} packets past the relay, ${summary(reports).text}`;
}

function setNats(caller, callee) {
  lab.setNat('caller', caller);
  lab.setNat('callee', callee);
}

let turns = [await turn(SERVERS[0]), await turn(SERVERS[1])];

await check('two cone NATs: a direct path', async () => {
  setNats('cone', 'cone');
  const servers = { stun: [stunAt(SERVERS[0])], turn: [turnAt(SERVERS[0])] };
  const { reports } = await call({ seconds: 3, servers, endpoints: [ice] });
  expectVoice(reports, 3);
  const [a, b] = reports.map(({ route }) => route);
  const direct =
    a.local === 'host' &&
    b.local === 'host' &&
    a.address.host === homes.callee.wan &&
    b.address.host === homes.caller.wan;
  expect(direct, 'not direct', reports);
  return `${a.local} to ${a.remote} in ${reports[0].connectMs.toFixed(0)} ms, ${summary(reports).text}`;
});

for (const [caller, callee] of [
  ['symmetric', 'symmetric'],
  ['cone', 'symmetric'],
]) {
  await check(`${caller} and ${callee} NAT: through TURN`, async () => {
    setNats(caller, callee);
    const servers = { stun: [stunAt(SERVERS[0])], turn: [turnAt(SERVERS[0])] };
    const { reports } = await call({ seconds: 3, servers, endpoints: [ice] });
    expectVoice(reports, 3);
    const relayed = reports.some(
      ({ route }) => route.local === 'relay' || route.remote === 'relay',
    );
    expect(relayed, 'no relay', reports);
    const { route, connectMs } = reports[0];
    return `${route.local} to ${route.remote} in ${connectMs.toFixed(0)} ms, ${summary(reports).text}`;
  });
}

await check('p2p: false behind cone NATs: no address told, no packet to the peer', async () => {
  setNats('cone', 'cone');
  const servers = { stun: [stunAt(SERVERS[0])], turn: [turnAt(SERVERS[0])] };
  const { reports } = await call({ seconds: 2, servers, endpoints: [hidden], p2p: false });
  expectVoice(reports, 2);
  return expectHidden(reports);
});

// The same by data channel, on node-datachannel, which is installed on demand.
const installed = spawnSync(process.execPath, ['scripts/test-clients.mjs', '--install'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: 'ignore',
});
if (installed.status !== 0)
  console.log('not run: data channels, node-datachannel is not to be had');
const iceServers = [
  { urls: `stun:${SERVERS[0]}:3478` },
  {
    urls: `turn:${SERVERS[0]}:3478`,
    username: credential.username,
    credential: credential.password,
  },
];

if (installed.status === 0) {
  await check('data channel between symmetric NATs', async () => {
    setNats('symmetric', 'symmetric');
    const { reports } = await call({ seconds: 2, iceServers, endpoints: [{ kind: 'webrtc' }] });
    expectVoice(reports, 2);
    return `in ${reports[0].connectMs.toFixed(0)} ms, ${summary(reports).text}`;
  });

  await check('data channel, p2p: false behind cone NATs', async () => {
    setNats('cone', 'cone');
    const endpoints = [{ kind: 'webrtc', relayOnly: true }];
    const { reports } = await call({ seconds: 2, iceServers, endpoints, p2p: false });
    expectVoice(reports, 2);
    return expectHidden(reports);
  });
}

await check('an address changes in mid-call: the direct path goes on', async () => {
  setNats('cone', 'cone');
  const servers = { stun: [stunAt(SERVERS[0])] };
  const during = () => lab.moveHome('caller');
  const { reports } = await call({ seconds: 6, servers, endpoints: [ice], during });
  lab.moveBack('caller');
  expectVoice(reports, 6, 0.4);
  const { gap, text } = summary(reports);
  expect(gap < 1500, 'gap of 1.5 s or more', reports);
  expect(reports[1].route.address.host === homes.caller.later, 'the old address', reports);
  return text;
});

await check('symmetric NATs, the TURN server in use dies in mid-call', async () => {
  setNats('symmetric', 'symmetric');
  const servers = { stun: [], turn: SERVERS.map(turnAt) };
  const during = async ([caller]) => {
    const { route } = await caller.ask('report', 'report');
    // Own allocation or the peer's: its address is the server's.
    const used = SERVERS.indexOf(route.address.host);
    for (const server of used < 0 ? turns : [turns[used]]) server.child.kill('SIGKILL');
    return used;
  };
  const { reports, more } = await call({ seconds: 6, servers, endpoints: [ice], during });
  expect(more >= 0, 'the path did not go to a server', reports);
  expectVoice(reports, 6, 0.4);
  const { gap, text } = summary(reports);
  expect(gap < 1500, 'gap of 1.5 s or more', reports);
  return text;
});

for (const { child } of turns) child.kill('SIGKILL');
turns = [];

await check(
  'symmetric NATs, two relays of this package, the one in use dies in mid-call',
  async () => {
    setNats('symmetric', 'symmetric');
    const peerTag = Uint8Array.from({ length: 16 }, (_, i) => 200 - i);
    const relays = [];
    for (const host of SERVERS) {
      const relay = process_(names.internet, { role: 'relay', host, port: 4000, tags: [peerTag] });
      await relay.heard('ready');
      relays.push(relay);
    }
    const endpoints = SERVERS.map((host) => ({ kind: 'relay', host, port: 4000, peerTag }));
    const during = async () => {
      const before = await Promise.all(relays.map((relay) => relay.ask('count', 'forwarded')));
      await sleep(500);
      const after = await Promise.all(relays.map((relay) => relay.ask('count', 'forwarded')));
      const [first, second] = after.map((count, i) => count - before[i]);
      relays[first > second ? 0 : 1].child.kill('SIGKILL');
    };
    const { reports } = await call({ seconds: 6, endpoints, during });
    for (const { child } of relays) child.kill('SIGKILL');
    expectVoice(reports, 6, 0.4);
    const { gap, text } = summary(reports);
    expect(gap < 1500, 'gap of 1.5 s or more', reports);
    return text;
  },
);

console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed > 0 ? 1 : 0);
