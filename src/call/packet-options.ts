import { checkFunction, checkInteger, checkMethods, checkOptions } from '../core/checks.ts';
import type { Clock } from '../core/clock.ts';
import type { SharedKey } from '../crypto/index.ts';
import { badArgument } from './errors.ts';
import type { CallMessage, PacketMode } from './messages.ts';
import { MAX_COUNTER } from './sequence-word.ts';
import type { Channel } from './service-timers.ts';

/** Who asked for the call and who was asked. */
export type CallRole = 'caller' | 'callee';

/** Counts since the connection was made; bytes are those of sealed packets. */
export type PacketStats = {
  /** Packets handed to `onPacket`. */
  readonly sent: number;
  /** Packets given to `receive`, dropped ones included. */
  readonly received: number;
  /** Received packets that counted for nothing, whatever the reason. */
  readonly dropped: number;
  /** Bytes of `sent`. */
  readonly bytesSent: number;
  /** Bytes of `received`. */
  readonly bytesReceived: number;
};

/** Why packets were dropped. For tests: who sends packets must not be able to tell. */
export type DropCounts = { size: number; key: number; replay: number; body: number };

/** What a connection needs. */
export type PacketConnectionOptions = {
  /** The call's key; stays the caller's, and has to outlive the connection. */
  readonly key: SharedKey;
  /** This side's role. */
  readonly role: CallRole;
  /** Which of the two channels of a call this is: it chooses the part of the key and the timers. */
  readonly channel: Channel;
  /** How messages stand in packets; `plain` on the channel `signaling` only. */
  readonly mode: PacketMode;
  /** Times acknowledgements and repetitions. */
  readonly clock: Clock;
  /** Hands a sealed packet to the network; *borrowed*: read it before returning. */
  readonly onPacket: (packet: Uint8Array) => void;
  /** Hands over what the other side said; `data` in it is *borrowed*. */
  readonly onMessage: (message: CallMessage, counter: number) => void;
  /** The last counter that counts as used. @internal for tests of the end of the counters */
  readonly lastCounter?: number;
};

const OPTIONS = [
  'key',
  'role',
  'channel',
  'mode',
  'clock',
  'onPacket',
  'onMessage',
  'lastCounter',
] as const;

/** @throws {CallError} `bad-argument` */
export function checkPacketOptions(options: PacketConnectionOptions): void {
  checkOptions(options, OPTIONS, badArgument);
  oneOf('role', options.role, ['caller', 'callee']);
  oneOf('channel', options.channel, ['transport', 'signaling']);
  oneOf('mode', options.mode, ['typed', 'raw', 'plain']);
  if (options.mode === 'plain' && options.channel !== 'signaling') {
    throw badArgument('"mode" "plain" exists on the channel "signaling" only');
  }
  checkInteger('lastCounter', options.lastCounter ?? 0, 0, MAX_COUNTER, badArgument);
  for (const name of ['onPacket', 'onMessage'] as const) {
    checkFunction(name, options[name], badArgument);
  }
  checkMethods('clock', options.clock, ['now', 'setTimer'], badArgument);
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw badArgument(`"${name}" expected ${allowed.join(' or ')}, got ${typeof value}`);
  }
}

/** @internal */
export function otherRole(role: CallRole): CallRole {
  return role === 'caller' ? 'callee' : 'caller';
}

/** Where in the key the packets of that sender begin (x of the key derivation). @internal */
export function packetOffset(channel: Channel, sender: CallRole): number {
  return (channel === 'signaling' ? 128 : 0) + (sender === 'caller' ? 0 : 8);
}
