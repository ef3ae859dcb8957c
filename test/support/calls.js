import { Call } from 'sottovoce/call';
import { insecureRandomForTests } from 'sottovoce/internal';
import { loopbackPair } from 'sottovoce/transport';
import { prng } from './prng.js';
import { virtualClock } from './virtual-clock.js';

/**
 * A codec whose packets name what is in them: the first sample of a frame, which has to be an integer.
 * Concealed frames are -1, frames from the redundancy of packet n are -n - 1000.
 * @type {import('sottovoce/call').VoiceCodec}
 */
export const codecModel = {
  createEncoder: () => ({
    encode(pcm) {
      const packet = new Uint8Array(60);
      new DataView(packet.buffer).setInt32(0, pcm[0]);
      return packet;
    },
    close() {},
  }),
  createDecoder: () => ({
    decode: (packet) => new Float32Array(960).fill(numberOf(packet)),
    conceal: (samples) => new Float32Array(samples).fill(-1),
    decodeFec: (next, samples) => new Float32Array(samples).fill(-1000 - numberOf(next)),
    close() {},
  }),
  packetDuration: (packet) => (packet.length === 60 ? 960 : 0),
  hasFec: () => true,
};

/** @param {Uint8Array} packet */
const numberOf = (packet) => new DataView(packet.buffer, packet.byteOffset).getInt32(0);

/** Lets promises settle; `setTimeout` is not everywhere. */
export async function settle() {
  for (let i = 0; i < 20; i++) await null;
}

/**
 * Both ends of a call in virtual time.
 * @param {{
 *   signalling?: (message: import('sottovoce/call').SignallingMessage, from: number) =>
 *     import('sottovoce/call').SignallingMessage | null,
 *   transport?: import('sottovoce/transport').LoopbackOptions,
 *   caller?: Partial<import('sottovoce/call').CallOptions>,
 *   callee?: Partial<import('sottovoce/call').CallOptions>,
 * }} [options] `signalling` may change or swallow messages
 */
export async function makeCalls(options = {}) {
  const clock = virtualClock();
  /** @type {((message: any) => void)[]} */
  const handlers = [];
  /** @type {import('sottovoce/call').SignallingMessage[]} */
  const signalled = [];
  const transports = loopbackPair({ clock, delayMs: 30, ...options.transport });
  const endpoints = [{ kind: /** @type {const} */ ('direct'), host: '192.0.2.1', port: 1 }];
  /** @param {number} index */
  const common = (index) => ({
    clock,
    codec: codecModel,
    playoutDelayMs: 60,
    quality: null,
    endpoints,
    random: insecureRandomForTests(prng(7 + index).fill),
    connect: () => transports[index],
    signalling: {
      /** @param {import('sottovoce/call').SignallingMessage} message */
      send(message) {
        signalled.push(message);
        const passed = options.signalling ? options.signalling(message, index) : message;
        if (passed) clock.setTimer(5, () => handlers[1 - index]?.(passed));
      },
      /** @param {(message: any) => void} handler */
      onMessage(handler) {
        handlers[index] = handler;
      },
      close() {
        delete handlers[index];
      },
    },
  });
  const caller = await Call.outgoing({ ...common(0), ...options.caller });
  const callee = await Call.incoming({ ...common(1), ...options.callee });
  return { clock, caller, callee, signalled, handlers, transports };
}

/**
 * Brings a call to `active`.
 * @param {Awaited<ReturnType<typeof makeCalls>>} calls
 */
export async function connect({ clock, caller, callee }) {
  caller.start();
  clock.advance(20);
  callee.accept();
  clock.advance(20);
  await settle();
  clock.advance(100);
}
