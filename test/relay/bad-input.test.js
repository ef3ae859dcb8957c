import { suite } from 'uvu';
import { insecureRandomForTests } from 'sottovoce/internal';
import * as relay from 'sottovoce/relay';
import { survives } from '../support/odd-values.js';
import { prng } from '../support/prng.js';
import { virtualClock } from '../support/virtual-clock.js';

const bad = suite('relay: bad input');
const tag = new Uint8Array(16);
const address = { host: '192.0.2.1', port: 4000 };

bad('framing', () => {
  survives('makeTag', (value) => relay.makeTag(value, 1));
  survives('suffix', (value) => relay.makeTag(tag, value));
  for (const encode of [
    relay.encodeHello,
    relay.encodeStreamHello,
    relay.encodePeerInfoRequest,
    (/** @type {Uint8Array} */ value) => relay.encodePing(value, 1n),
  ]) {
    survives('tag', (value) => encode(value));
  }
  for (const parse of [
    relay.isSpecialFrame,
    relay.parsePing,
    relay.parseSelfInfo,
    relay.parsePeerInfo,
    relay.parsePeerInfoRequest,
    relay.parseDataFrame,
  ]) {
    survives(parse.name, (value) => parse(value));
  }
  survives('queryId', (value) => relay.encodePing(tag, value));
  survives('length', (value) => relay.dataFrameLength(value));
  const selfInfo = { tag, date: 1, queryId: 1n, ...address };
  survives('self info', (value) => relay.encodeSelfInfo(value));
  for (const name of Object.keys(selfInfo)) {
    survives(name, (value) => relay.encodeSelfInfo({ ...selfInfo, [name]: value }));
  }
  const peerInfo = { tag, myHost: '192.0.2.1', myPort: 1, peerHost: '192.0.2.2', peerPort: 2 };
  survives('peer info', (value) => relay.encodePeerInfo(value));
  for (const name of Object.keys(peerInfo)) {
    survives(name, (value) => relay.encodePeerInfo({ ...peerInfo, [name]: value }));
  }
  /** @type {any[]} */
  const frame = [new Uint8Array(100), tag, 2, 1, new Uint8Array(8)];
  for (const i of frame.keys()) {
    survives(`data frame ${i}`, (value) => {
      const [target, ...rest] = /** @type {Parameters<typeof relay.writeDataFrame>} */ (
        frame.map((good, at) => (at === i ? value : good))
      );
      if (i > 0) relay.encodeDataFrame(...rest);
      relay.writeDataFrame(target, ...rest);
    });
  }
});

bad('the core', () => {
  const clock = virtualClock();
  const random = insecureRandomForTests(prng(1).fill);
  const line = { proven: false, closed: false, send() {} };
  const hello = relay.encodeHello(relay.makeTag(tag, 1));
  survives('options', (value) => new relay.RelayCore(value));
  for (const name of [
    'clock',
    'secret',
    'audience',
    'idleMs',
    'maxSessions',
    'packetsPerSecond',
    'maxFrameBytes',
    'ticketsPerSecond',
    'unixTime',
    'random',
  ]) {
    survives(name, (value) => {
      const core = new relay.RelayCore({ clock, random, [name]: value });
      core.register(tag);
      core.receive(hello, line, address.host, address.port);
    });
  }
  const core = new relay.RelayCore({ clock, random });
  survives('register', (value) => core.register(value));
  survives('unregister', (value) => core.unregister(value));
  survives('datagram', (value) => core.receive(value, line, address.host, address.port));
  survives('line', (value) => core.receive(hello, value, address.host, address.port));
  survives('host', (value) => core.receive(hello, line, value, address.port));
  survives('port', (value) => core.receive(hello, line, address.host, value));
});

bad('tickets and tokens', () => {
  const secret = new Uint8Array(32);
  const random = insecureRandomForTests(prng(2).fill);
  survives('secret', (value) => relay.createRelayTicket(value, { random }));
  survives('options', (value) => relay.createRelayTicket(secret, value));
  for (const name of ['audience', 'unixTime', 'random']) {
    survives(name, (value) => relay.createRelayTicket(secret, { random, [name]: value }));
  }
  survives('secret', (value) => relay.createRoomToken(value, { random }));
  survives('options', (value) => relay.createRoomToken(secret, value));
  for (const name of ['room', 'seconds', 'unixTime', 'random']) {
    survives(name, (value) => relay.createRoomToken(secret, { random, [name]: value }));
  }
});

bad.run();
