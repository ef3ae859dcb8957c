import { SottovoceError } from '../core/errors.ts';

/**
 * What can go wrong with a transport. Loss, of course, is no error.
 * - `bad-argument`: a wrong type, length or value
 * - `bind-failed`: the address or port cannot be had
 * - `no-answer`: the relay has not answered in time
 * - `unsupported`: this runtime lacks what the transport is made of
 * - `released`: the transport or its socket was closed
 */
export type TransportErrorCode =
  | 'bad-argument'
  | 'bind-failed'
  | 'no-answer'
  | 'unsupported'
  | 'released';

/** Errors of the transports. */
export class TransportError extends SottovoceError {
  override readonly name = 'TransportError';
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
