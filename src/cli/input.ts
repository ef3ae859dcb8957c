/// <reference types="node" />
import { open } from 'node:fs/promises';
import process from 'node:process';
import { CliError, EXIT, reasonOf } from './errors.ts';

/** A file, or standard input. */
export type Input = {
  /** For messages. */
  readonly name: string;
  /** Bytes, where they can be known. */
  readonly size: number | undefined;
  /** Bytes read so far. */
  readonly read: number;
  readonly bytes: AsyncIterable<Uint8Array>;
};

/** @throws {CliError} when it cannot be opened; `bytes` throws when it cannot be read */
export async function openInput(path: string): Promise<Input> {
  const name = path === '-' ? 'standard input' : path;
  const wrong = (cause: unknown): CliError =>
    new CliError(EXIT.wrongInput, `${name}: ${reasonOf(cause)}`, { cause });
  let stream: AsyncIterable<Uint8Array> = process.stdin;
  let size: number | undefined;
  if (path !== '-') {
    try {
      const file = await open(path);
      const stat = await file.stat();
      if (stat.isDirectory()) {
        await file.close();
        throw Object.assign(new Error(), { code: 'EISDIR' });
      }
      if (stat.isFile()) size = stat.size;
      stream = file.createReadStream({ highWaterMark: 1 << 16 });
    } catch (cause) {
      throw wrong(cause);
    }
  }
  let read = 0;
  async function* count(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of stream) {
        read += chunk.length;
        yield chunk;
      }
    } catch (cause) {
      throw wrong(cause);
    }
  }
  return {
    name,
    size,
    get read() {
      return read;
    },
    bytes: count(),
  };
}
