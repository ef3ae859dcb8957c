import { SottovoceError } from '../core/errors.ts';

/** What can go wrong with a transport. Loss, of course, is no error. */
export type TransportErrorCode = 'bad-argument' | 'bind-failed' | 'no-answer' | 'released';

/** Errors of the transports. */
export class TransportError extends SottovoceError {
  override readonly name = 'TransportError';
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
