// The packet layer under attack. A session: two ends, some genuine packets, and between them changed ones,
// foreign ones, replays, and what a peer who has the key might put into a packet. Nothing of the first three
// may count; nothing may throw; what is genuine still gets through at the end.
import { prng } from '../support/prng.js';
import { end, pair, sealBody } from '../support/call-pair.js';
import { mutate } from '../support/hostile.js';

class Mismatch extends Error {
  name = 'Mismatch';
}

const ROUNDS = 40;
const PER_PACKET = 20;
const CALLER_X = 0;

export function open() {
  let hostile = 0;
  let genuine = 0;
  let spoken = 0;

  function session(seed) {
    const random = prng(seed);
    const { caller, callee, clock } = pair();
    const foreign = end({ seed: 2, clock });
    const deceived = end({ clock, role: 'callee' }); // by a peer who has the key
    const refuse = (packet, what) => {
      hostile++;
      const before = callee.messages.length;
      if (callee.connection.receive(packet) || callee.messages.length !== before) {
        throw new Mismatch(`${what} was accepted`);
      }
    };
    for (let round = 0; round < ROUNDS; round++) {
      if (random.int(4) === 0) {
        caller.connection.send({ type: 'remoteBatteryLevelIsLow', batteryLow: true });
      } else {
        caller.connection.sendAudio((target) => {
          const length = random.int(200);
          target.set(random.bytes(length));
          return length;
        });
      }
      foreign.connection.send({ type: 'remoteBatteryLevelIsLow', batteryLow: true });
      const packets = caller.packets.splice(0);
      for (const packet of packets) {
        for (let i = 0; i < PER_PACKET; i++) refuse(mutate(random, packet), 'a changed packet');
      }
      for (const packet of foreign.packets.splice(0)) refuse(packet, 'a packet of another key');
      if (random.int(3) > 0) {
        for (const packet of packets) {
          genuine++;
          if (!callee.connection.receive(packet))
            throw new Mismatch('a genuine packet was dropped');
          refuse(packet, 'a replay');
        }
      }
      // a peer with the key: any body
      for (let i = 0; i < 4; i++) {
        hostile++;
        const body = random.bytes(5 + random.int(60));
        new DataView(body.buffer).setUint32(0, random.next());
        const kind = random.int(3);
        if (kind > 0)
          new DataView(body.buffer).setUint32(0, (kind << 30) | (1000 + random.int(200)));
        if (deceived.connection.receive(sealBody(body, CALLER_X))) spoken++;
      }
      callee.messages.length = 0;
      deceived.messages.length = 0;
      deceived.packets.length = 0;
      callee.packets.length = 0;
      clock.advance(20);
    }
    caller.connection.close();
    callee.connection.close();
    deceived.connection.close();
    foreign.connection.close();
  }

  return {
    session,
    hostile: () => hostile,
    summary: () =>
      `${hostile} hostile packets, ${genuine} genuine ones accepted, ${spoken} bodies of a peer with the key`,
  };
}
