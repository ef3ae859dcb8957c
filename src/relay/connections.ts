import { toHex } from '../core/hex.ts';
import { sourceBytes } from './address.ts';

/** Bounds the open connections, of all and of each source: an IPv4 address, or an IPv6 network of 64 bits. */
export class ConnectionLimit {
  readonly #bySource: Map<string, number> = new Map();
  readonly #max: number;
  readonly #maxPerSource: number;
  #open = 0;

  constructor(max: number, maxPerSource: number) {
    this.#max = max;
    this.#maxPerSource = maxPerSource;
  }

  get open(): number {
    return this.#open;
  }

  /** Counts one in, if there is room for it. */
  enter(host: string): boolean {
    const source = sourceOf(host);
    const own = this.#bySource.get(source) ?? 0;
    if (this.#open >= this.#max || own >= this.#maxPerSource) return false;
    this.#bySource.set(source, own + 1);
    this.#open++;
    return true;
  }

  leave(host: string): void {
    const source = sourceOf(host);
    const own = this.#bySource.get(source) ?? 0;
    if (own > 1) this.#bySource.set(source, own - 1);
    else this.#bySource.delete(source);
    this.#open--;
  }
}

function sourceOf(host: string): string {
  const bytes = sourceBytes(host);
  return bytes ? toHex(bytes) : host;
}
