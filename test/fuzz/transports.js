// What arrives at the transports: frames from a relay that lies, streams cut anywhere, STUN and candidates of
// anybody. Nothing may throw; a path stays closed to whoever does not know its tag; streams are the same
// however they are cut.
import {
  encodeUtf8,
  formatCandidate,
  parseCandidate,
  parseRoomFrame,
  StreamReader,
  streamFrame,
  streamMark,
  stun,
} from 'sottovoce/internal';
import { encodeDataFrame, encodeSelfInfo, makeTag } from 'sottovoce/relay';
import { RelayTransport } from 'sottovoce/transport';
import { mutate, same } from '../support/hostile.js';
import { prng } from '../support/prng.js';
import { virtualClock } from '../support/virtual-clock.js';

class Mismatch extends Error {
  name = 'Mismatch';
}

const ROUNDS = 400;
const MAX_FRAME = 2000;

export function open() {
  let hostile = 0;
  let passed = 0;

  function relayed(random) {
    const clock = virtualClock();
    let deliver = (/** @type {Uint8Array} */ _) => {};
    const transport = {
      send: () => {},
      onDatagram(handler) {
        deliver = handler;
      },
      close: () => {},
    };
    const peerTag = random.bytes(12);
    const path = new RelayTransport({ transport, peerTag, role: 'caller', clock });
    /** @type {Uint8Array | null} */
    let got = null;
    path.onDatagram((data) => {
      got = data.slice();
    });
    const tag = makeTag(peerTag, 1);
    for (let round = 0; round < ROUNDS; round++) {
      const payload = random.bytes(1 + random.int(60));
      const genuine =
        random.int(4) === 0
          ? encodeSelfInfo({ tag, date: 1, queryId: 1n, host: '192.0.2.1', port: 1 })
          : encodeDataFrame(peerTag, 1, 2, payload);
      const frame = mutate(random, genuine);
      hostile++;
      got = null;
      deliver(frame);
      if (got) {
        passed++;
        if (!frame.every((byte, i) => i > 11 || byte === peerTag[i])) {
          throw new Mismatch('a frame of another tag was passed on');
        }
      }
    }
    path.close();
  }

  function streams(random) {
    const frames = Array.from({ length: 8 }, () => random.bytes(random.int(100)));
    const whole = Buffer.concat([streamMark(), ...frames.map(streamFrame)]);
    const cut = (bytes) => {
      const got = [];
      const reader = new StreamReader(MAX_FRAME, true, (frame) => got.push(frame.slice()));
      let good = true;
      for (let at = 0; at < bytes.length; ) {
        const length = 1 + random.int(random.int(4) === 0 ? 3 : 200);
        good = reader.push(bytes.subarray(at, at + length));
        if (reader.pending > MAX_FRAME + 200) throw new Mismatch('a stream is kept');
        at += length;
      }
      return { got, good };
    };
    const { got, good } = cut(whole);
    if (!good || got.length !== 8 || !got.every((frame, i) => same(frame, frames[i]))) {
      throw new Mismatch('a stream was not read as it was written');
    }
    for (let i = 0; i < 40; i++) {
      hostile += 8;
      const bytes = mutate(random, new Uint8Array(whole));
      const [one, other] = [cut(bytes), cut(bytes)];
      if (one.good !== other.good || one.got.length !== other.got.length) {
        throw new Mismatch('a stream depends on where it is cut');
      }
    }
  }

  function ice(random) {
    const line = formatCandidate({
      foundation: '1',
      priority: 5,
      host: '192.0.2.1',
      port: 9,
      type: 'host',
    });
    for (let i = 0; i < ROUNDS / 4; i++) {
      hostile += 2;
      const text = String.fromCharCode(...mutate(random, encodeUtf8(line)));
      const candidate = parseCandidate(text);
      if (candidate && !parseCandidate(formatCandidate(candidate))) {
        throw new Mismatch(`what was accepted is no candidate: ${text}`);
      }
      const message = new Uint8Array(20 + 12);
      const view = new DataView(message.buffer);
      view.setUint16(0, [1, 0x101, 0x111, 0x17, 0x113][random.int(5)]);
      view.setUint16(2, 12);
      view.setUint32(4, 0x2112a442);
      message.set(random.bytes(12), 8);
      view.setUint16(20, [6, 8, 9, 0x20, 0x12, 0xd][random.int(6)]);
      view.setUint16(22, 8);
      const parsed = stun.parseStun(random.int(10) === 0 ? message : mutate(random, message));
      if (!parsed) continue;
      stun.errorCodeOf(parsed);
      for (const [type] of parsed.attributes) {
        stun.textOf(parsed, type);
        stun.numberOf(parsed, type);
        stun.addressOf(parsed, type);
      }
    }
    for (let i = 0; i < ROUNDS / 4; i++) {
      hostile++;
      parseRoomFrame(mutate(random, random.bytes(5 + random.int(60))));
    }
  }

  return {
    session(seed) {
      const random = prng(seed);
      relayed(random);
      streams(random);
      ice(random);
    },
    hostile: () => hostile,
    summary: () => `${hostile} hostile inputs, ${passed} passed on by a path with their tag`,
  };
}
