import { SottovoceError } from '../core/errors.ts';

/** What can go wrong at a relay's facade. Received frames never throw. */
export type RelayErrorCode = 'bad-argument' | 'bind-failed' | 'released';

/** Errors of the relay and of its framing. */
export class RelayError extends SottovoceError {
  override readonly name = 'RelayError';
  readonly code: RelayErrorCode;

  constructor(code: RelayErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
