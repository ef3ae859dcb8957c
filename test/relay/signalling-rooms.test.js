import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  encodeAck,
  encodeJoin,
  encodeMessage,
  insecureRandomForTests,
  parseRoomFrame,
  ROOM_CLOSE,
  SignallingRooms,
} from 'sottovoce/internal';
import { createRoomToken } from 'sottovoce/relay';
import { prng } from '../support/prng.js';
import { virtualClock } from '../support/virtual-clock.js';

const rooms = suite('relay/signalling-rooms');
const generator = prng(8);
const random = insecureRandomForTests(generator.fill);
const secret = generator.bytes(32);
const members = [1, 2, 3].map(() => generator.bytes(16));

/** @param {string} hex */
const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (two) => Number.parseInt(two, 16));

/** @param {object} [options] */
function running(options = {}) {
  const clock = virtualClock();
  let unix = 1_700_000_000;
  const unixTime = () => unix;
  const server = new SignallingRooms({ clock, secret, unixTime, random, ...options });
  const tokenOf = (/** @type {object} */ more) =>
    bytesOf(createRoomToken(secret, { random, unixTime, ...more }));
  const token = tokenOf({});
  let visitors = 0;
  /** A visitor, and what it was sent. @param {Uint8Array} [member] */
  const visit = (member, with_ = token) => {
    /** @type {{ kind: string, number?: number, data?: Uint8Array }[]} */
    const got = [];
    /** @type {{ code: number | undefined }} */
    const closed = { code: undefined };
    const visitor = server.visit(
      {
        send: (frame) => void got.push(/** @type {any} */ (parseRoomFrame(frame))),
        close(code) {
          closed.code = code;
        },
      },
      `192.0.2.${++visitors % 256}`,
    );
    if (member) visitor.receive(encodeJoin(with_, member));
    return { visitor, got, closed };
  };
  const later = (/** @type {number} */ ms) => {
    clock.advance(ms);
    unix += ms / 1000;
  };
  return { server, clock, visit, tokenOf, later };
}

rooms('passes messages on, numbered for each side', () => {
  const { visit, server } = running();
  const [a, b] = [visit(members[0]), visit(members[1])];
  a.visitor.receive(encodeMessage(1, Uint8Array.of(7)));
  b.visitor.receive(encodeMessage(1, Uint8Array.of(8)));
  assert.equal(a.got, [
    { kind: 'ack', number: 0 },
    { kind: 'ack', number: 1 },
    { kind: 'message', number: 1, data: Uint8Array.of(8) },
  ]);
  assert.equal(b.got.slice(1, 2), [{ kind: 'message', number: 1, data: Uint8Array.of(7) }]);
  assert.is(server.size, 1);
  assert.is(server.stats.messages, 2);
});

rooms('keeps what was not acknowledged, over connections', () => {
  const { visit } = running();
  const a = visit(members[0]);
  for (const number of [1, 2, 3]) a.visitor.receive(encodeMessage(number, Uint8Array.of(number)));
  const b = visit(members[1]);
  assert.equal(
    b.got.map(({ number }) => number),
    [0, 1, 2, 3],
  );
  b.visitor.receive(encodeAck(2));
  b.visitor.leave();
  const again = visit(members[1]);
  assert.equal(
    again.got.map(({ kind, number }) => `${kind} ${number}`),
    ['ack 0', 'message 3'],
  );
  a.visitor.receive(encodeMessage(3, Uint8Array.of(3))); // sent again: it was not acknowledged
  assert.is(again.got.length, 2, 'not doubled');
  assert.equal(a.got.pop(), { kind: 'ack', number: 3 });
});

rooms('a third one is refused, a member that comes again replaces itself', () => {
  const { visit } = running();
  const [a, , third] = members.map((member) => visit(member));
  assert.is(third.closed.code, ROOM_CLOSE.full);
  const again = visit(members[0]);
  assert.is(a.closed.code, ROOM_CLOSE.replaced);
  assert.ok(again.visitor.joined);
});

rooms('a place that was left is given to another after a minute', () => {
  const { visit, later } = running();
  const [, b] = [visit(members[0]), visit(members[1])];
  b.visitor.leave();
  later(59_000);
  assert.is(visit(members[2]).closed.code, ROOM_CLOSE.full);
  later(1000);
  assert.ok(visit(members[2]).visitor.joined);
});

rooms('tokens: forged, expired, of another secret', () => {
  const { visit, tokenOf, later } = running();
  const good = tokenOf({ seconds: 10 });
  for (let bit = 0; bit < 288; bit += 13) {
    const forged = good.slice();
    forged[bit >> 3] ^= 1 << (bit & 7);
    assert.is(visit(members[0], forged).closed.code, ROOM_CLOSE.token);
  }
  const inside = visit(members[0], good);
  later(10_000);
  assert.is(visit(members[1], good).closed.code, ROOM_CLOSE.token);
  inside.visitor.leave();
  assert.ok(visit(members[0], good).visitor.joined, 'who was in comes back');
  const foreign = bytesOf(createRoomToken(generator.bytes(32), { random }));
  assert.is(visit(members[0], foreign).closed.code, ROOM_CLOSE.token);
});

rooms('bounds: rooms, queue, bytes, rate', () => {
  const { visit, tokenOf, server, later } = running({
    maxRooms: 2,
    maxQueue: 3,
    maxQueueBytes: 50,
  });
  const a = visit(members[0]);
  for (let number = 1; number <= 4; number++) {
    a.visitor.receive(encodeMessage(number, new Uint8Array(10)));
  }
  assert.is(a.closed.code, ROOM_CLOSE.limited);
  const b = visit(members[0], tokenOf({}));
  b.visitor.receive(encodeMessage(1, new Uint8Array(51)));
  assert.is(b.closed.code, ROOM_CLOSE.limited);
  assert.is(visit(members[0], tokenOf({})).closed.code, ROOM_CLOSE.busy);
  later(60_000);
  server.sweep();
  assert.is(server.size, 0);
  const c = visit(members[0]);
  for (let i = 0; i < 100; i++) c.visitor.receive(encodeAck(0));
  assert.is(c.closed.code, ROOM_CLOSE.limited);
  server.close();
  assert.is(visit(members[0]).closed.code, ROOM_CLOSE.busy);
});

rooms('a source that comes too often is told to come again later', () => {
  const { visit, later, tokenOf } = running();
  const codes = new Set();
  // a visitor's address comes again after 256 others: 60 times from the first one
  for (let i = 0; i < 60 * 256; i++) {
    const { closed } = i % 256 === 0 ? visit(members[0], tokenOf({})) : visit();
    codes.add(closed.code);
  }
  assert.equal([...codes], [undefined, ROOM_CLOSE.limited]);
  later(1000);
  assert.is(visit(members[0]).closed.code, undefined);
});

rooms('hostile frames put their sender out, and nobody else', () => {
  const { visit, server, later } = running();
  const [a, b] = [visit(members[0]), visit(members[1])];
  for (let i = 0; i < 3000; i++) {
    if (i % 10 === 0) later(100);
    const guest = visit();
    guest.visitor.receive(generator.bytes(generator.int(60)));
    guest.visitor.receive(encodeMessage(1, Uint8Array.of(1)));
    assert.is.not(guest.closed.code, undefined);
  }
  a.visitor.receive(encodeMessage(1, Uint8Array.of(9)));
  assert.equal(b.got.pop()?.data, Uint8Array.of(9));
  const skips = visit(members[0]);
  skips.visitor.receive(encodeMessage(5, Uint8Array.of(1)));
  assert.is(skips.closed.code, ROOM_CLOSE.malformed, 'a number left out');
  assert.is(server.size, 1);
});

rooms.run();
