// Two ends of a sealed channel on a virtual clock, with a network in between that tests control.
import { PacketConnection } from 'sottovoce/call';
import { createCrypto } from 'sottovoce/crypto';
import { prng } from './prng.js';
import { virtualClock } from './virtual-clock.js';

export const crypto = createCrypto();

const buffer = crypto.createPacketBuffer(131_072);
/** @type {Map<number, import('sottovoce/crypto').SharedKey>} */
const keys = new Map();

/** A key of its own for each seed, made once. */
export function sharedKey(seed = 1) {
  const key = keys.get(seed) ?? crypto.createSharedKey(prng(seed).bytes(256));
  keys.set(seed, key);
  return key;
}

/**
 * One end. `packets` and `messages` collect copies of what it hands over.
 * @param {Partial<import('sottovoce/call').PacketConnectionOptions> & { seed?: number,
 *   clock?: ReturnType<typeof virtualClock> }} options
 */
export function end({ seed = 1, clock = virtualClock(), ...options } = {}) {
  /** @type {Uint8Array[]} */
  const packets = [];
  /** @type {any[]} */
  const messages = [];
  const connection = new PacketConnection(crypto, {
    key: sharedKey(seed),
    role: 'caller',
    channel: 'transport',
    mode: 'typed',
    clock,
    onPacket: (packet) => packets.push(packet.slice()),
    onMessage: (message, counter) =>
      messages.push({
        ...message,
        ...('data' in message ? { data: [...message.data] } : {}),
        counter,
      }),
    ...options,
  });
  return { connection, packets, messages, clock };
}

/** A caller and a callee with one clock. */
export function pair(options = {}) {
  const clock = virtualClock();
  return {
    clock,
    caller: end({ ...options, clock, role: 'caller' }),
    callee: end({ ...options, clock, role: 'callee' }),
  };
}

/** The body of a packet, under offset `x` of its sender; empty when it does not open. */
export function openBody(packet, x, seed = 1) {
  return buffer.openCall(sharedKey(seed), x, packet)?.slice() ?? new Uint8Array(0);
}

/** A packet with that body. */
export function sealBody(body, x, seed = 1) {
  buffer.body.set(body);
  return buffer.sealCall(sharedKey(seed), x, body.length).slice();
}
