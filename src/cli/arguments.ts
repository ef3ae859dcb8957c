/// <reference types="node" />
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { usage } from './errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** Reads the arguments of a command: `names` tells its operands. */
export function read(
  command: string,
  args: readonly string[],
  names: readonly string[],
  options: Options,
): { readonly values: Values; readonly operands: readonly string[] } {
  const more = `see "sottovoce ${command} --help"`;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    if (positionals.length !== names.length) {
      throw usage(`${command}: expected ${names.join(' and ') || 'options only'}; ${more}`);
    }
    return { values: values as Values, operands: positionals };
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string };
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error;
    throw usage(`${command}: ${message.split('. ')[0]!.split('\n')[0]}; ${more}`);
  }
}

/** The number that an option holds, or undefined where it was not given. */
export function number(
  values: Values,
  name: string,
  allowed: { readonly min: number; readonly max: number } | readonly number[],
  integer: boolean = false,
): number | undefined {
  const text = values[name];
  if (typeof text !== 'string') return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const good =
    'min' in allowed ? value >= allowed.min && value <= allowed.max : allowed.includes(value);
  if (good && (!integer || Number.isInteger(value))) return value;
  const range = 'min' in allowed ? `${allowed.min} to ${allowed.max}` : allowed.join(', ');
  throw usage(`--${name} expected ${range}, got "${text}"`);
}

/** The word that an option holds, one of those allowed. */
export function word<T extends string>(
  values: Values,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const text = values[name];
  if (text === undefined || allowed.includes(text as T)) return text as T | undefined;
  throw usage(`--${name} expected ${allowed.join(', ')}, got "${String(text)}"`);
}
