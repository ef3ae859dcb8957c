import { SottovoceError } from '../core/errors.ts';

/**
 * Why a call of the MTProto facade was refused, or an exchange ended. A bad received message is no
 * error: it is dropped.
 *
 * What the caller did wrong; nothing was computed or changed:
 * - `bad-argument`, `bad-length`: an argument has the wrong type, lies outside its range, or is too
 *   short or too long
 * - `bad-secret`: a text or bytes that are no secret of a proxy
 * - `out-of-order`: the step does not fit the state
 * - `released`: the object was closed, or its exchange has ended
 *
 * What ends the making of a key, or a password check; the object is closed and wiped then:
 * - `bad-message`: what arrived is not the message that is due, or not well formed
 * - `nonce-mismatch`: it belongs to another exchange
 * - `unknown-key`: the other side has none of our RSA keys
 * - `bad-pq`: pq is not the product of two primes, or they are wrong
 * - `bad-encrypted-data`: something encrypted, or a hash that proves it, is wrong
 * - `bad-dh-config`, `public-value-out-of-range`: the group or a public value is not safe
 * - `refused`: the other side gave up, or asked for more retries than are reasonable
 * - `bad-random`: the random source gives nothing usable
 */
export type MtprotoErrorCode =
  | 'bad-argument'
  | 'bad-length'
  | 'bad-secret'
  | 'out-of-order'
  | 'released'
  | 'bad-message'
  | 'nonce-mismatch'
  | 'unknown-key'
  | 'bad-pq'
  | 'bad-encrypted-data'
  | 'bad-dh-config'
  | 'public-value-out-of-range'
  | 'refused'
  | 'bad-random';

/** Errors of `sottovoce/mtproto`. */
export class MtprotoError extends SottovoceError {
  override readonly name = 'MtprotoError';
  readonly code: MtprotoErrorCode;

  constructor(code: MtprotoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** @internal */
export const badArgument = (message: string): MtprotoError =>
  new MtprotoError('bad-argument', message);

/** @internal */
export const badLength = (message: string): MtprotoError => new MtprotoError('bad-length', message);

/** @internal */
export const badMessage = (message: string): MtprotoError =>
  new MtprotoError('bad-message', message);
