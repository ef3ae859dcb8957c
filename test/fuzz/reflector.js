// The relay under attack: a call runs while strangers, and an end itself, send anything from any address. No
// stranger may be served, no address may get more than it has shown to receive, and the call goes on.
import { insecureRandomForTests } from 'sottovoce/internal';
import * as relay from 'sottovoce/relay';
import { mutate } from '../support/hostile.js';
import { prng } from '../support/prng.js';
import { virtualClock } from '../support/virtual-clock.js';

class Mismatch extends Error {
  name = 'Mismatch';
}

const ROUNDS = 1500;
const BONUS = 256;
const PARSERS = [
  relay.parsePing,
  relay.parseSelfInfo,
  relay.parsePeerInfo,
  relay.parsePeerInfoRequest,
  relay.parseDataFrame,
  relay.isSpecialFrame,
];

export function open() {
  let hostile = 0;
  let forwarded = 0;

  function session(seed) {
    const random = prng(seed);
    const source = insecureRandomForTests(random.fill);
    const secret = random.bytes(32);
    const clock = virtualClock();
    const core = new relay.RelayCore({ clock, secret, random: source, maxSessions: 50 });
    const ticket = relay.createRelayTicket(secret, { random: source });
    /** Bytes to and from each address that did not prove itself. */
    const balance = new Map();
    let over = 0;
    let sentTo = '';
    const account = (host, port, received, sent) => {
      const key = `${host} ${port}`;
      const now = balance.get(key) ?? 0;
      balance.set(key, now + sent - received);
      over += Math.max(0, now + sent - received) - Math.max(0, now);
    };
    const line = {
      proven: false,
      closed: false,
      send(frame, port, host) {
        sentTo = `${host} ${port}`;
        if (host.startsWith('10.')) proof = frame.slice(64);
        else account(host, port, 0, frame.length);
      },
    };
    let proof = new Uint8Array(0);
    const from = (frame, host, port) => {
      if (!host.startsWith('10.')) account(host, port, frame.length, 0);
      sentTo = '';
      core.receive(frame, line, host, port);
    };
    // the two ends of the call prove their addresses
    for (const suffix of [1, 2]) {
      const ping = new Uint8Array(72);
      ping.set(relay.encodePing(relay.makeTag(ticket, suffix), 1n));
      from(ping, `10.0.0.${suffix}`, 1);
      ping.set(proof, 40);
      from(ping, `10.0.0.${suffix}`, 1);
    }
    const data = (to, own) =>
      relay.encodeDataFrame(ticket, to, own, random.bytes(1 + random.int(100)));
    for (let round = 0; round < ROUNDS; round++) {
      clock.advance(2);
      const own = 1 + random.int(2);
      const tag = relay.makeTag(ticket, own);
      const genuine = [
        () => relay.encodePing(tag, 7n),
        () => relay.encodePeerInfoRequest(tag),
        () => relay.encodeStreamHello(tag),
        () => data(3 - own, own),
        () => relay.encodeSelfInfo({ tag, date: 1, queryId: 1n, host: '192.0.2.1', port: 1 }),
      ][random.int(5)]();
      const frame = random.int(4) === 0 ? genuine : mutate(random, genuine);
      hostile++;
      for (const parse of PARSERS) parse(frame);
      const isOfTheCall =
        frame.length >= 12 && frame.every((byte, i) => i > 11 || byte === ticket[i]);
      from(frame, `203.0.113.${random.int(20)}`, random.int(3));
      if (!isOfTheCall && sentTo !== '') throw new Mismatch(`a stranger was answered at ${sentTo}`);
      if (over > BONUS) throw new Mismatch(`${over} bytes too many to addresses without proof`);
      if (round % 10 === 0) {
        for (const end of [1, 2]) {
          from(data(3 - end, end), `10.0.0.${end}`, 1);
          if (sentTo !== `10.0.0.${3 - end} 1`) throw new Mismatch('the call does not go on');
          forwarded++;
        }
      }
    }
    if (core.sessions !== 1) throw new Mismatch(`${core.sessions} sessions`);
  }

  return {
    session,
    hostile: () => hostile,
    summary: () => `${hostile} hostile frames, ${forwarded} packets of the call forwarded`,
  };
}
