import { OpusError } from './errors.ts';

type Freeable = { free(): void };

/**
 * A libopus-wasm handle that can be replaced at once by a fresh one. libopus-wasm has no reset and makes
 * handles asynchronously only, so a spare one waits.
 */
export class Renewable<T extends Freeable> {
  readonly #create: () => Promise<T>;
  #current: T;
  #spare: T | undefined;
  #closed = false;

  static async make<T extends Freeable>(create: () => Promise<T>): Promise<Renewable<T>> {
    return new Renewable(create, await create(), await create());
  }

  private constructor(create: () => Promise<T>, current: T, spare: T) {
    this.#create = create;
    this.#current = current;
    this.#spare = spare;
  }

  get current(): T {
    return this.#current;
  }

  /** @throws {OpusError} `not-supported` when the last renewal was in the same turn of the event loop */
  renew(): T {
    if (!this.#spare) {
      throw new OpusError(
        'not-supported',
        'libopus-wasm can be reset again only after a turn of the event loop',
      );
    }
    this.#current.free();
    this.#current = this.#spare;
    this.#spare = undefined;
    this.#order();
    return this.#current;
  }

  close(): void {
    this.#closed = true;
    this.#current.free();
    this.#spare?.free();
    this.#spare = undefined;
  }

  #order(): void {
    this.#create().then(
      (handle) => {
        if (this.#closed) handle.free();
        else this.#spare = handle;
      },
      () => {}, // no memory left: renew() then says that it cannot
    );
  }
}
