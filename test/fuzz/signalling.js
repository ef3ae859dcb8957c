// Signalling under attack: messages and sealed texts of a lying peer, frames for the rooms of the server. What
// is accepted has to be a whole message; who sends what is no frame is put out; the two members go on.
import {
  decodeSignallingMessage,
  encodeJoin,
  encodeMessage,
  encodeSealedMessage,
  encodeSignallingMessage,
  insecureRandomForTests,
  parseRoomFrame,
  parseSealedMessage,
  SignallingRooms,
} from 'sottovoce/internal';
import { createRoomToken } from 'sottovoce/relay';
import { mutate, same } from '../support/hostile.js';
import { prng } from '../support/prng.js';
import { virtualClock } from '../support/virtual-clock.js';

class Mismatch extends Error {
  name = 'Mismatch';
}

const ROUNDS = 30;
const PER_MESSAGE = 20;

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (two) => Number.parseInt(two, 16));

function messagesOf(random) {
  const protocol = {
    minLayer: 65,
    maxLayer: 92,
    udpP2p: true,
    udpReflector: true,
    libraryVersions: ['sottovoce 1', '2.7.7'],
  };
  const peerTag = random.bytes(16);
  const endpoints = [
    { kind: /** @type {const} */ ('relay'), host: '192.0.2.1', port: 599, peerTag },
    {
      kind: /** @type {const} */ ('relay'),
      protocol: /** @type {const} */ ('websocket'),
      url: 'wss://relay.example/relay',
      peerTag,
    },
    { kind: /** @type {const} */ ('direct'), host: '2001:db8::1', port: 4000 },
    { kind: /** @type {const} */ ('webrtc') },
  ];
  const callId = BigInt(random.next()) << 20n;
  return /** @type {import('sottovoce/call').SignallingMessage[]} */ ([
    { type: 'request', callId, gAHash: random.bytes(32), protocol, endpoints },
    { type: 'ringing', callId },
    { type: 'accept', callId, gB: random.bytes(256), protocol, endpoints },
    {
      type: 'confirm',
      callId,
      gA: random.bytes(256),
      keyFingerprint: -callId,
      protocol,
      endpoints,
    },
    { type: 'signaling-data', callId, data: random.bytes(21 + random.int(100)) },
    { type: 'discard', callId, reason: 'busy', duration: random.int(1000) },
  ]);
}

export function open() {
  let hostile = 0;
  let whole = 0;

  function message(bytes) {
    hostile++;
    const parsed = decodeSignallingMessage(bytes);
    if (!parsed) return;
    whole++;
    const again = decodeSignallingMessage(encodeSignallingMessage(parsed));
    if (!again || !same(encodeSignallingMessage(again), encodeSignallingMessage(parsed))) {
      throw new Mismatch('what was accepted is no message');
    }
  }

  function sealed(bytes) {
    hostile++;
    const parsed = parseSealedMessage(bytes);
    if (!parsed) return;
    whole++;
    if (!parseSealedMessage(encodeSealedMessage(parsed))) {
      throw new Mismatch('what was accepted is no sealed message');
    }
  }

  function session(seed) {
    const random = prng(seed);
    const source = insecureRandomForTests(random.fill);
    const secret = random.bytes(32);
    const clock = virtualClock();
    const rooms = new SignallingRooms({ clock, secret });
    const token = bytesOf(createRoomToken(secret, { random: source }));
    /** @type {Uint8Array} */
    let last = new Uint8Array(0);
    const members = [0, 1].map((i) => {
      const line = {
        send: (frame) => {
          const parsed = parseRoomFrame(frame);
          if (i === 1 && parsed?.kind === 'message') last = parsed.data;
        },
        close: () => {
          throw new Mismatch('a member was put out');
        },
      };
      const visitor = rooms.visit(line, `198.51.100.${i}`);
      visitor.receive(encodeJoin(token, random.bytes(16)));
      return visitor;
    });
    const texts = [
      encodeSealedMessage({ type: 'PathText', path: 1, round: 2, text: 'a=candidate:1 1 udp' }),
    ];
    const frames = [encodeJoin(token, random.bytes(16)), encodeMessage(1, random.bytes(20))];
    for (let round = 0; round < ROUNDS; round++) {
      for (const genuine of messagesOf(random)) {
        const bytes = encodeSignallingMessage(genuine);
        for (let i = 0; i < PER_MESSAGE; i++) message(mutate(random, bytes));
      }
      for (const text of texts) {
        for (let i = 0; i < PER_MESSAGE; i++) sealed(mutate(random, text));
      }
      for (let i = 0; i < PER_MESSAGE; i++) {
        hostile++;
        let out = false;
        const visitor = rooms.visit(
          {
            send: () => {},
            close: () => {
              out = true;
            },
          },
          `203.0.113.${random.int(250)}`,
        );
        visitor.receive(mutate(random, frames[random.int(2)]));
        visitor.receive(encodeMessage(1, random.bytes(3)));
        if (!out || visitor.joined) throw new Mismatch('a stranger is in a room');
        visitor.leave();
      }
      clock.advance(1000);
      rooms.sweep();
    }
    const data = random.bytes(9);
    members[0].receive(encodeMessage(1, data));
    if (!same(last, data)) throw new Mismatch('the members do not hear each other any more');
    if (rooms.size !== 1) throw new Mismatch(`${rooms.size} rooms`);
  }

  return {
    session,
    hostile: () => hostile,
    summary: () => `${hostile} hostile messages and frames, ${whole} of them whole messages`,
  };
}
