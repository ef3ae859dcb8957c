import type { Address } from '../relay/address.ts';
import type { TurnServer } from './turn.ts';

/** A socket that sends to many addresses and hears from all of them. */
export type IceSocket = {
  /** Whether it speaks IPv4 or IPv6. */
  readonly family: 4 | 6;
  /** The addresses at which it can be reached from its own networks; empty if that is not known. */
  readonly addresses: readonly Address[];
  /**
   * Sends a datagram, if it can.
   * @param data read before this returns
   */
  send(data: Uint8Array, to: Address): void;
  /** Sets who hears what arrives, and from where; `data` is borrowed for the call. */
  onDatagram(handler: (data: Uint8Array, from: Address) => void): void;
  /** Closes it. Idempotent. */
  close(): void;
};

/** The servers of a path, by IP addresses. */
export type IceServers = {
  /** At most 4 are asked. */
  readonly stun: readonly Address[];
  /** On at most 4 an allocation is made. */
  readonly turn: readonly TurnServer[];
};

/** What the two ends tell each other of one generation. */
export type IceCredentials = {
  /** 4 to 256 letters, digits, `+` and `/` (RFC 8839, 5.4). */
  readonly ufrag: string;
  /** 22 to 256 of them. */
  readonly pwd: string;
};

/** How datagrams travel now. */
export type IceRoute = {
  /** Own side: `host`, or `relay` by a TURN server. */
  readonly local: 'host' | 'relay';
  /** The peer's side, as the peer named it, or `prflx` if the address was first seen by a check. */
  readonly remote: 'host' | 'srflx' | 'prflx' | 'relay';
  /** Where datagrams go. */
  readonly address: Address;
  /** Measured by the last check, in ms. */
  readonly roundTripMs: number;
};
