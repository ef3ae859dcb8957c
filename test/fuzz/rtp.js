// RTP and redundant audio (RFC 2198) of a lying peer, up to the playout buffer: every view lies in its packet, and
// the buffer goes on.
import { parseRtp, PlayoutBuffer, writeRtpHeader } from 'sottovoce/call';
import { parseRed, RED_PAYLOAD_TYPE, writeRedHeaders } from 'sottovoce/internal';
import { mutate } from '../support/hostile.js';
import { prng } from '../support/prng.js';

class Mismatch extends Error {
  name = 'Mismatch';
}

const ROUNDS = 100;
const PER_PACKET = 20;
const FRAME = 960;

function inside(view, whole) {
  const start = view.byteOffset - whole.byteOffset;
  if (view.buffer !== whole.buffer || start < 0 || start + view.length > whole.length) {
    throw new Mismatch('a view outside its packet');
  }
}

export function open() {
  let hostile = 0;
  let parsed = 0;

  function session(seed) {
    const random = prng(seed);
    const playout = new PlayoutBuffer({ frame: FRAME });
    let sequence = random.int(65_536);
    let timestamp = random.next();
    for (let round = 0; round < ROUNDS; round++) {
      const red = random.int(2) === 0;
      const payload = random.bytes(10 + random.int(60));
      const packet = new Uint8Array(12 + 9 + payload.length);
      writeRtpHeader(packet, sequence, timestamp, 1, false);
      if (red) {
        packet[1] = RED_PAYLOAD_TYPE;
        writeRedHeaders(packet, 12, 111, [{ age: FRAME, length: 8 }]);
      }
      packet.set(payload, 21);
      for (let i = 0; i < PER_PACKET; i++) {
        hostile++;
        const bytes = mutate(random, packet);
        const rtp = parseRtp(bytes);
        if (!rtp) continue;
        parsed++;
        inside(rtp.payload, bytes);
        for (const block of parseRed(rtp.payload) ?? []) inside(block.payload, bytes);
        if (rtp.payload.length === 0) continue;
        playout.push({
          timestamp: rtp.timestamp,
          duration: FRAME,
          payload: rtp.payload,
          arrival: timestamp,
          sequence: rtp.sequence,
        });
      }
      sequence = (sequence + 1) & 0xffff;
      timestamp = (timestamp + FRAME) >>> 0;
      playout.pull(timestamp);
    }
  }

  return {
    session,
    hostile: () => hostile,
    summary: () => `${hostile} hostile packets, ${parsed} of them RTP`,
  };
}
