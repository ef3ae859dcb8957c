// Replays a trace between two connections: the steps are all that happens, timers do not run.
import { boolean, bytes, integer, list, oneOf, same } from './compare.js';

/**
 * @param {any} session
 * @param {{ connect(options: object): any, open(sender: string, packet: Uint8Array): Uint8Array | null,
 *   messageOf(written: object): any, modeOf(mode: unknown): any }} tools
 */
export function checkSession({ channel, mode, trace }, { connect, open, messageOf, modeOf }) {
  let now = 0;
  const clock = { now: () => now, setTimer: () => () => {} };
  const options = { channel, mode: modeOf(mode), clock };
  const sides = {
    caller: connect({ ...options, role: 'caller' }),
    callee: connect({ ...options, role: 'callee' }),
  };
  const packets = new Map();

  /** The packet that a step makes leave, if any. */
  function expectPacket(step, side, label) {
    const left = side.packets.splice(0);
    const silent = step.packetIndex === undefined || step.packetIndex === null;
    if (silent && (step.body ?? null) === null) {
      if (step.do === 'send') throw new Error(`${label}: the step has no packetIndex`);
      same(`${label}: packets`, left.length, 0);
      return;
    }
    same(`${label}: packets`, left.length, 1);
    same(`${label}: body`, open(step.role, left[0]), bytes(step.body, 'body'));
    packets.set(integer(step.packetIndex, 'packetIndex'), { sender: step.role, packet: left[0] });
  }

  const actions = {
    send(step, side, label) {
      const message = messageOf(step.message);
      side.connection.send(mode === 'raw' ? { type: 'raw', ...message } : message);
      expectPacket(step, side, label);
    },
    service(step, side, label) {
      side.connection.service(/** @type {0 | 1 | 2} */ (integer(step.cause, 'cause')));
      expectPacket(step, side, label);
    },
    deliver(step, side, label) {
      const found = packets.get(step.packet);
      if (found === undefined || found.sender === step.role) {
        throw new Error(`${label}: the other side sent no packet ${step.packet}`);
      }
      same(
        `${label}: dropped`,
        !side.connection.receive(found.packet),
        boolean(step.dropped, 'dropped'),
      );
      const delivered = side.messages.splice(0).map(({ counter }) => counter);
      same(`${label}: delivered`, step.dropped ? null : delivered, step.delivered);
      if (step.dropped) same(`${label}: delivered though dropped`, delivered, []);
      same(`${label}: packets`, side.packets.length, 0);
    },
  };

  try {
    for (const [index, step] of list(trace, 'trace').entries()) {
      now = integer(step.t, 't');
      const side = sides[oneOf(step.role, 'role', ['caller', 'callee'])];
      const action = oneOf(step.do, 'do', Object.keys(actions));
      actions[action](step, side, `step ${index} (${action})`);
    }
  } finally {
    sides.caller.close();
    sides.callee.close();
  }
}
