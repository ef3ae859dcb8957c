import { suite } from 'uvu';
import * as relay from 'sottovoce/relay';
import { survives } from '../support/odd-values.js';
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
  survives('options', (value) => new relay.RelayCore(value));
  for (const name of ['clock', 'idleMs', 'unixTime']) {
    survives(name, (value) => {
      const core = new relay.RelayCore({ clock, [name]: value });
      core.register(tag);
      core.receive(relay.encodeHello(relay.makeTag(tag, 1)), address);
    });
  }
  const core = new relay.RelayCore({ clock });
  survives('register', (value) => core.register(value));
  survives('unregister', (value) => core.unregister(value));
  survives('datagram', (value) => core.receive(value, address));
  survives('from', (value) => core.receive(new Uint8Array(40), value));
  survives('host', (value) => core.receive(new Uint8Array(40), { host: value, port: 1 }));
});

bad.run();
