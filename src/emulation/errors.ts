import { SottovoceError } from '../core/errors.ts';

/** Why the emulation refuses something. */
export type EmulationErrorCode = 'bad-argument' | 'bad-trace';

/** Wrong options of an emulated network, or a capacity trace that is none. */
export class EmulationError extends SottovoceError {
  override readonly name = 'EmulationError';
  /** What is wrong. */
  readonly code: EmulationErrorCode;

  constructor(code: EmulationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** @internal */
export function badArgument(message: string): EmulationError {
  return new EmulationError('bad-argument', message);
}
