/**
 * Base of every error that this package throws. Each subject has one class with a `code` from a
 * closed list; test the code, not the message. Messages never contain secrets.
 */
export abstract class SottovoceError extends Error {
  /** Stable, kebab-case reason, for programs. */
  abstract readonly code: string;
}

/** What can go wrong with a WebAssembly instance and its memory. */
export type WasmErrorCode = 'bad-module' | 'out-of-memory' | 'released' | 'bad-argument';

/** Errors of loading a module and of its memory. */
export class WasmError extends SottovoceError {
  override readonly name = 'WasmError';
  readonly code: WasmErrorCode;

  constructor(code: WasmErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
