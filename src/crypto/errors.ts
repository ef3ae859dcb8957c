import { SottovoceError } from '../core/errors.ts';

/**
 * Why a call of the crypto facade was refused:
 * - `bad-argument`: an argument has the wrong type, lies outside its range, or is a view whose memory
 *   was taken away (a *borrowed* view that was kept too long)
 * - `bad-length`: a byte array is too short, too long or no multiple of the block
 * - `bad-modulus`: the modulus is even or zero
 * - `released`: the object, or the core that it belongs to, was closed
 */
export type CryptoErrorCode = 'bad-argument' | 'bad-length' | 'bad-modulus' | 'released';

/** Errors of `sottovoce/crypto`. Nothing was computed or changed when one is thrown. */
export class CryptoError extends SottovoceError {
  override readonly name = 'CryptoError';
  readonly code: CryptoErrorCode;

  constructor(code: CryptoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** @internal For the checks of src/core/checks.ts. */
export const badArgument = (message: string): CryptoError =>
  new CryptoError('bad-argument', message);

/** @internal */
export const badLength = (message: string): CryptoError => new CryptoError('bad-length', message);
