/// <reference types="node" />
import { read } from 'node:fs';
import { open } from 'node:fs/promises';
import process from 'node:process';
import { promisify } from 'node:util';
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

const PIECE = 1 << 16;
const readInto = promisify(read);

/**
 * The bytes of a file descriptor. Two buffers take turns, so that an hour of audio is no garbage: a piece
 * is valid until the one after the next is asked for.
 */
async function* piecesOf(descriptor: number): AsyncGenerator<Uint8Array> {
  const buffers = [new Uint8Array(PIECE), new Uint8Array(PIECE)] as const;
  for (let turn = 0; ; turn ^= 1) {
    const buffer = buffers[turn]!;
    let length: number;
    try {
      ({ bytesRead: length } = await readInto(descriptor, buffer, 0, PIECE, null));
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'EOF') return; // the end of a pipe on Windows
      if (code !== 'EAGAIN' || descriptor !== 0) throw error;
      yield* process.stdin; // it does not block: this waits
      return;
    }
    if (length === 0) return;
    yield buffer.subarray(0, length);
  }
}

/** @throws {CliError} when it cannot be opened; `bytes` throws when it cannot be read */
export async function openInput(path: string): Promise<Input> {
  const name = path === '-' ? 'standard input' : path;
  const wrong = (cause: unknown): CliError =>
    new CliError(EXIT.wrongInput, `${name}: ${reasonOf(cause)}`, { cause });
  let descriptor = 0;
  let close = async (): Promise<void> => {};
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
      descriptor = file.fd;
      close = () => file.close();
    } catch (cause) {
      throw wrong(cause);
    }
  }
  let read = 0;
  async function* count(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of piecesOf(descriptor)) {
        read += chunk.length;
        yield chunk;
      }
    } catch (cause) {
      throw wrong(cause);
    } finally {
      await close();
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
