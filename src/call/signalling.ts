import { checkMethods } from '../core/checks.ts';
import type { Endpoint } from '../transport/types.ts';
import { parseEndpoints } from './endpoints.ts';
import { badArgument } from './errors.ts';
import { bytesOf, isCount, isObject } from './fields.ts';
import { type CallProtocol, parseProtocol } from './protocol.ts';

/** Why a call ends (calls, section 6). */
export type DiscardReason = 'missed' | 'busy' | 'hangup' | 'disconnect';

/**
 * What two ends say to each other to set up a call and to end it. `callId` is drawn by the caller,
 * 64 bits, unsigned. Whoever carries these messages can read them, and cannot learn the key.
 */
export type SignallingMessage =
  | {
      readonly type: 'request';
      readonly callId: bigint;
      /** SHA-256 of g_a, 32 bytes: the commitment. */
      readonly gAHash: Uint8Array;
      readonly protocol: CallProtocol;
      readonly endpoints: readonly Endpoint[];
    }
  | { readonly type: 'ringing'; readonly callId: bigint }
  | {
      readonly type: 'accept';
      readonly callId: bigint;
      /** 1 to 256 bytes, big-endian. */
      readonly gB: Uint8Array;
      readonly protocol: CallProtocol;
      readonly endpoints: readonly Endpoint[];
    }
  | {
      readonly type: 'confirm';
      readonly callId: bigint;
      /** 1 to 256 bytes, big-endian. */
      readonly gA: Uint8Array;
      /** Signed 64 bits, as Telegram's `long`. */
      readonly keyFingerprint: bigint;
      readonly protocol: CallProtocol;
      readonly endpoints: readonly Endpoint[];
    }
  | {
      /** For the two ends only: a packet sealed with the key of the call. */
      readonly type: 'signaling-data';
      readonly callId: bigint;
      /** 21 to 16384 bytes. */
      readonly data: Uint8Array;
    }
  | {
      readonly type: 'discard';
      readonly callId: bigint;
      readonly reason: DiscardReason;
      /** Whole seconds since the call was active. */
      readonly duration: number;
    };

/**
 * Carries signalling messages to the peer: a WebSocket, a MessagePort, the messages of an MTProto
 * client. It is trusted with nothing but delivery. What is lost before the key is agreed ends the call
 * by a time-out; messages of the type `signaling-data` may be lost, doubled and reordered.
 */
export type Signalling = {
  /**
   * Sends a message to the peer; keep it as it is, binary fields and 64-bit numbers included. What it
   * throws comes out of `start` and `accept`; later on it counts as a loss.
   */
  send(message: SignallingMessage): void;
  /** Sets who hears what arrives. What does not pass `parseSignallingMessage` must not reach it. */
  onMessage(handler: (message: SignallingMessage) => void): void;
  /** Delivers nothing any more. Idempotent. */
  close(): void;
};

/** A sealed packet (signalling, section 1; call-packets, section 5). */
const MIN_SEALED_BYTES = 21;
const MAX_SEALED_BYTES = 16_384;

/** All of them. */
export const DISCARD_REASONS: readonly DiscardReason[] = ['missed', 'busy', 'hangup', 'disconnect'];

/**
 * Checks what came from the other side and copies it, so that nobody can change it later. Fields that
 * are not known are left out.
 * @returns owned; null when it is not a signalling message. Never throws.
 * @example
 * socket.onmessage = ({ data }) => {
 *   const message = parseSignallingMessage(decode(data));
 *   if (message) handler(message);
 * };
 */
export function parseSignallingMessage(value: unknown): SignallingMessage | null {
  if (!isObject(value)) return null;
  const { type, callId } = value;
  if (typeof callId !== 'bigint' || BigInt.asUintN(64, callId) !== callId) return null;
  if (type === 'ringing') return { type, callId };
  if (type === 'signaling-data') {
    const data = bytesOf(value.data, MIN_SEALED_BYTES, MAX_SEALED_BYTES);
    return data && { type, callId, data };
  }
  if (type === 'discard') {
    const { reason, duration } = value;
    const known = DISCARD_REASONS.find((name) => name === reason);
    if (!known || !isCount(duration, 0x7fffffff)) return null;
    return { type, callId, reason: known, duration };
  }
  const protocol = parseProtocol(value.protocol);
  const endpoints = parseEndpoints(value.endpoints);
  if (!protocol || !endpoints) return null;
  switch (type) {
    case 'request': {
      const gAHash = bytesOf(value.gAHash, 32, 32);
      return gAHash && { type, callId, gAHash, protocol, endpoints };
    }
    case 'accept': {
      const gB = bytesOf(value.gB, 1, 256);
      return gB && { type, callId, gB, protocol, endpoints };
    }
    case 'confirm': {
      const gA = bytesOf(value.gA, 1, 256);
      const { keyFingerprint } = value;
      if (!gA || typeof keyFingerprint !== 'bigint') return null;
      if (BigInt.asIntN(64, keyFingerprint) !== keyFingerprint) return null;
      return { type, callId, gA, keyFingerprint, protocol, endpoints };
    }
    default:
      return null;
  }
}

/**
 * What is needed of a MessagePort, also of those of `node:worker_threads`, or of a worker of the web.
 * Beside these methods it has the property `onmessage`, whose type differs from runtime to runtime.
 */
export type MessagePortLike = {
  /** Sends by structured clone: binary fields and 64-bit numbers stay what they are. */
  postMessage(message: unknown): void;
  /** Closes the port, where it can be closed. */
  close?(): void;
};

type ListeningPort = MessagePortLike & {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
};

/**
 * Signalling between two threads or windows.
 * @param port has to deliver messages to `onmessage`, as every MessagePort does. A `Worker` of
 *   `node:worker_threads` does not: give it a port.
 * @throws {CallError} `bad-argument` when it cannot post messages
 * @example
 * const { port1, port2 } = new MessageChannel();
 * const signalling = messagePortSignalling(port1); // port2 goes to the other side
 */
export function messagePortSignalling(port: MessagePortLike): Signalling {
  checkMethods('port', port, ['postMessage'], badArgument);
  const listening = port as ListeningPort;
  return {
    send: (message) => port.postMessage(message),
    onMessage(handler) {
      // Setting onmessage starts the port: what came before is kept until now.
      listening.onmessage = ({ data }) => {
        const message = parseSignallingMessage(data);
        if (message) handler(message);
      };
    },
    close() {
      listening.onmessage = null;
      port.close?.();
    },
  };
}
