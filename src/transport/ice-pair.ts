import type { Address } from '../relay/address.ts';
import type { Candidate, CandidateType } from './candidate.ts';

/** Where own checks and datagrams leave from: a socket, or an allocation on a TURN server. */
export type Base = {
  readonly type: 'host' | 'relay';
  readonly family: 4 | 6;
  /** Its own address is of a private range. */
  readonly isPrivate: boolean;
  /** Differs between bases. */
  readonly index: number;
  send(data: Uint8Array, to: Address): void;
  /** For a relay: makes the way to a peer cheaper. */
  bind?(to: Address): void;
};

/** A base of ours and a candidate of the peer (RFC 8445, 6.1.2). */
export type Pair = {
  readonly base: Base;
  readonly remote: Candidate;
  readonly priority: number;
  /** `waiting` for its first check, `checking`, `valid` once one was answered, `failed` if none was. */
  state: 'waiting' | 'checking' | 'valid' | 'failed';
  /** The controlling end has chosen it, by its count; 0: not. */
  nominated: number;
  /** When anything came from there, by the clock. */
  heardAt: number;
  /** When a check was answered. */
  answeredAt: number;
  /** When it was last asked. */
  askedAt: number;
  roundTripMs: number;
};

const PREFERENCE: Readonly<Record<CandidateType, number>> = {
  host: 126,
  prflx: 110,
  srflx: 100,
  relay: 0,
};

/** Priority of a candidate of component 1 (RFC 8445, 5.1.2.1); IPv6 before IPv4 (RFC 8421). */
export function candidatePriority(type: CandidateType, family: 4 | 6, index: number): number {
  const local = (family === 6 ? 65_535 : 65_000) - Math.min(index, 500);
  return PREFERENCE[type] * 2 ** 24 + local * 2 ** 8 + 255;
}

/** Priority of a pair (RFC 8445, 6.1.2.3), as a double: the order is kept for all that differ in kind. */
export function pairPriority(controlling: number, controlled: number): number {
  const low = Math.min(controlling, controlled);
  const high = Math.max(controlling, controlled);
  return low * 2 ** 32 + high * 2 + (controlling > controlled ? 1 : 0);
}

/** Ranges that mean something in one network only (RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291). */
export const isPrivateHost = (host: string): boolean =>
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|127\.|f[cd]|fe[89ab])/.test(
    host,
  );

const FOUNDATION: Readonly<Record<CandidateType, number>> = {
  host: 1,
  srflx: 2,
  prflx: 3,
  relay: 4,
};

/** Equal for candidates of one type and family from one base. */
export const foundationOf = (type: CandidateType, family: 4 | 6, index: number): string =>
  `${FOUNDATION[type]}${family}${index}`;
