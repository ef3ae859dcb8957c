/// <reference types="node" />
import { rmSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { CliError, EXIT, reasonOf, usage } from './errors.ts';

/** Where a result goes. */
export type Output = {
  readonly name: string;
  write(bytes: Uint8Array): Promise<void>;
  /** Writes again at the start of the file; does nothing in a pipe. */
  rewrite(bytes: Uint8Array): Promise<void>;
  /** The result is whole: it gets its final name. */
  finish(): Promise<void>;
  /**
   * The result is not whole. With `keep` what is there stays, under another name.
   * @returns that name
   */
  abandon(keep: boolean): Promise<string | undefined>;
};

/** @throws {CliError} when it cannot be written: here already, before any work */
export async function openOutput(path: string): Promise<Output> {
  if (path === '-') return standardOutput();
  let target = path;
  let special = false;
  try {
    target = await realpath(path); // a link stays a link
    const entry = await stat(target);
    if (entry.isDirectory()) throw failed(path, { code: 'EISDIR' });
    special = !entry.isFile(); // a device or a named pipe has to be written to itself
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code } = error as { code?: string };
    if (code !== 'ENOENT') throw failed(path, error);
  }
  return FileOutput.open(path, target, special);
}

const failed = (name: string, cause: unknown): CliError =>
  new CliError(EXIT.failed, `${name}: cannot be written: ${reasonOf(cause)}`, { cause });

const BUFFER_SIZE = 1 << 16;

/**
 * A file that has a temporary name beside its final one until it is whole. Nobody ever sees half of it
 * there, and what was there before stays until then.
 */
class FileOutput implements Output {
  readonly name: string;
  /** A file, not a device or a named pipe. */
  readonly #seekable: boolean;
  readonly #target: string;
  /** Where it is written; the same as `#target` for devices. */
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  #filled = 0;
  #position = 0;

  static async open(name: string, target: string, special: boolean): Promise<FileOutput> {
    const path = special
      ? target
      : join(dirname(target), `.${basename(target)}.${process.pid}.part`);
    try {
      return new FileOutput(name, target, path, await open(path, special ? 'w' : 'wx'));
    } catch (cause) {
      const { code } = cause as { code?: string };
      throw failed(name, code === 'ENOENT' ? { message: 'no such folder' } : cause);
    }
  }

  private constructor(name: string, target: string, path: string, file: FileHandle) {
    this.name = name;
    this.#target = target;
    this.#path = path;
    this.#file = file;
    this.#seekable = path !== target;
    if (!this.#seekable) return;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, this.#stop);
  }

  readonly #stop = (): void => {
    rmSync(this.#path, { force: true });
    process.exit(EXIT.interrupted);
  };

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#filled + bytes.length > BUFFER_SIZE) await this.#flush();
    if (bytes.length > BUFFER_SIZE) return this.#put(bytes);
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  async rewrite(bytes: Uint8Array): Promise<void> {
    await this.#flush();
    try {
      await this.#file.write(bytes, 0, bytes.length, 0);
    } catch (cause) {
      throw failed(this.name, cause);
    }
  }

  async finish(): Promise<void> {
    await this.#flush();
    try {
      await this.#file.close();
      if (this.#seekable) await rename(this.#path, this.#target);
    } catch (cause) {
      throw failed(this.name, cause);
    }
    this.#leaveSignals();
  }

  async abandon(keep: boolean): Promise<string | undefined> {
    try {
      if (keep) await this.#flush();
      await this.#file.close();
      if (!this.#seekable) return undefined;
      if (!keep) {
        await rm(this.#path, { force: true });
        return undefined;
      }
      const kept = `${this.name}.part`;
      await rename(this.#path, kept);
      return kept;
    } catch {
      await rm(this.#seekable ? this.#path : '', { force: true });
      return undefined;
    } finally {
      this.#leaveSignals();
    }
  }

  async #flush(): Promise<void> {
    if (this.#filled > 0) await this.#put(this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }

  async #put(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) {
        const position = this.#seekable ? this.#position : null;
        const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, position);
        at += bytesWritten;
        this.#position += bytesWritten;
      }
    } catch (cause) {
      throw failed(this.name, cause);
    }
  }

  #leaveSignals(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, this.#stop);
  }
}

function standardOutput(): Output {
  if (process.stdout.isTTY)
    throw usage('standard output is a terminal: name a file, or use a pipe');
  const name = 'standard output';
  process.stdout.on('error', () => {}); // told to the callback of write
  return {
    name,
    write: (bytes) =>
      new Promise((done, reject) => {
        process.stdout.write(bytes, (cause) => (cause ? reject(failed(name, cause)) : done()));
      }),
    rewrite: async () => {},
    finish: async () => {},
    abandon: async () => undefined,
  };
}
