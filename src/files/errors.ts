import { SottovoceError } from '../core/errors.ts';

/**
 * What can be wrong with a file:
 * - `not-ogg`, `not-opus`, `not-wav`: it is something else
 * - `truncated`: it ends early
 * - `corrupt`: it contradicts itself: a wrong checksum, a missing page, a header that cannot be true
 * - `unsupported`: right, but more than this reads: more than two channels, compressed WAV
 * - `empty`: it holds no sample
 * - `bad-argument`: the caller's fault, not the file's
 */
export type FileErrorCode =
  | 'not-ogg'
  | 'not-opus'
  | 'not-wav'
  | 'truncated'
  | 'corrupt'
  | 'unsupported'
  | 'empty'
  | 'bad-argument';

/** Every error of `sottovoce/files`; the message is one line. Test `code`, not the message. */
export class FileError extends SottovoceError {
  override readonly name = 'FileError';
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** For the argument checks of src/core/checks.ts. @internal */
export function badArgument(message: string): FileError {
  return new FileError('bad-argument', message);
}
