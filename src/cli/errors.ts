/** Exit codes: what a script can tell apart. */
export const EXIT = { ok: 0, failed: 1, wrongInput: 2, interrupted: 130 } as const;

/** Why the program ends; the message is one line for the user. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export const usage = (message: string): CliError => new CliError(EXIT.wrongInput, message);

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EPIPE: 'the reader closed the pipe',
};

/** What a system error says in words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return REASONS[code ?? ''] ?? code ?? message ?? String(error);
}
