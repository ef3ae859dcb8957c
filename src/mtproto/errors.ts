import { SottovoceError } from '../core/errors.ts';

/** Why a call of the MTProto facade was refused. A bad received packet is no error: it is dropped. */
export type MtprotoErrorCode = 'bad-argument' | 'bad-length' | 'released';

/** Errors of `sottovoce/mtproto`. Nothing was computed or changed when one is thrown. */
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
