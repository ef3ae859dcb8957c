import { SottovoceError } from '../core/errors.ts';

/**
 * What can go wrong in a call. `bad-argument`, `out-of-order`, `duplicate`, `too-long`,
 * `too-many-unacknowledged` and `counter-exhausted` leave the object as it was; after the others it
 * has ended.
 */
export type CallErrorCode =
  /** An argument of the wrong type, length or range. */
  | 'bad-argument'
  /** The group (p, g) is not safe to use. */
  | 'bad-dh-config'
  /** The other side's g_a or g_b is malformed or outside the permitted range. */
  | 'public-value-out-of-range'
  /** The received g_a is not the one that was committed to. */
  | 'commitment-mismatch'
  /** The two sides hold different keys. */
  | 'fingerprint-mismatch'
  /** The step does not fit the state. */
  | 'out-of-order'
  /** The step was taken before; each is taken once in a call. */
  | 'duplicate'
  /** The random source keeps giving values that cannot be used. */
  | 'bad-random'
  /** The message does not fit one packet. */
  | 'too-long'
  /** The other side has not acknowledged 65536 messages. */
  | 'too-many-unacknowledged'
  /** All 2^30 - 1 counters of this direction are used: the call has to end. */
  | 'counter-exhausted'
  /** The runtime lacks what is needed: a WebSocket. */
  | 'not-supported'
  /** The object was closed, or ended by a failed check. */
  | 'released'
  /** The parties do not share a protocol version. */
  | 'unsupported-protocol'
  /** The parties share no relay, and not both have an address that the other can reach. */
  | 'no-common-endpoint'
  /** No transport could be made for any of the agreed endpoints. */
  | 'connect-failed'
  /** What was negotiated in the open is not what the two ends have said: it was changed on the way. */
  | 'downgrade'
  /** The other end holds the key and does not keep to the protocol. */
  | 'protocol-violation'
  /** Nothing valid has come from the other side for too long. */
  | 'connection-lost'
  /** The other side did not answer in time. */
  | 'timeout';

/** Errors of the key exchange, of the packet layer and of calls. */
export class CallError extends SottovoceError {
  override readonly name = 'CallError';
  readonly code: CallErrorCode;

  constructor(code: CallErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** For the argument checks of `core/checks.ts`. */
export function badArgument(message: string): CallError {
  return new CallError('bad-argument', message);
}
