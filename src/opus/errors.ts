import { SottovoceError } from '../core/errors.ts';

/**
 * What can go wrong in `sottovoce/opus`:
 * - `bad-argument`: a wrong type, an unknown option, a value out of range
 * - `frame-size`: PCM that is not exactly one frame, or a number of samples that no packet can have
 * - `bad-packet`: bytes that violate RFC 6716 section 3.4; nothing was decoded and no state changed
 * - `incompatible-packet`: frames that cannot share a packet (another config, or more than 120 ms)
 * - `buffer-too-small`: `dst` or a wanted length cannot hold the result; no state changed
 * - `not-supported`: the engine cannot do this
 * - `released`: the handle was closed
 * - `internal`: the engine failed; please report it
 */
export type OpusErrorCode =
  | 'bad-argument'
  | 'frame-size'
  | 'bad-packet'
  | 'incompatible-packet'
  | 'buffer-too-small'
  | 'not-supported'
  | 'released'
  | 'internal';

/** Every error of `sottovoce/opus`. Test `code`, not the message. */
export class OpusError extends SottovoceError {
  override readonly name = 'OpusError';
  readonly code: OpusErrorCode;

  constructor(code: OpusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** For the argument checks of src/core/checks.ts. @internal */
export function badArgument(message: string): OpusError {
  return new OpusError('bad-argument', message);
}
