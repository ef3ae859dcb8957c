import { FileError } from '../files/errors.ts';
import { CliError, EXIT } from './errors.ts';
import type { Input } from './input.ts';
import type { Output } from './output.ts';

/**
 * Runs a conversion. When the input turns out wrong on the way, what was made of it until then is kept
 * beside the final name; when the output fails, nothing is.
 * @param work writes to the output
 * @param complete makes a part that is kept readable
 */
export async function convert(
  input: Input,
  output: Output,
  work: () => Promise<void>,
  complete: () => Promise<boolean>,
): Promise<void> {
  try {
    await work();
    await output.finish();
  } catch (error) {
    if (!(error instanceof FileError)) {
      await output.abandon(false);
      throw error;
    }
    const kept = await output.abandon(await complete().catch(() => false));
    throw inputError(input, error, kept && `; what came before is in ${kept}`);
  }
}

/** A fault of the input, as one line. */
export function inputError(input: Input, error: unknown, more = ''): unknown {
  if (!(error instanceof FileError)) return error;
  return new CliError(EXIT.wrongInput, `${input.name}: ${error.message}${more}`, { cause: error });
}
