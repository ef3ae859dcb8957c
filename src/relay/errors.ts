import { SottovoceError } from '../core/errors.ts';

/**
 * What can go wrong at a relay's facade; received bytes never throw:
 * - `bad-argument`: a wrong type, length or value
 * - `bind-failed`: the address or port cannot be had
 * - `not-available`: a package that the server needs is not there
 * - `released`: the relay was closed
 */
export type RelayErrorCode = 'bad-argument' | 'bind-failed' | 'not-available' | 'released';

/** Errors of the relay and of its framing. */
export class RelayError extends SottovoceError {
  override readonly name = 'RelayError';
  readonly code: RelayErrorCode;

  constructor(code: RelayErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
