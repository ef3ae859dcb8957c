import { checkBytes, checkLength } from '../core/checks.ts';
import type { Block } from '../core/memory.ts';
import { AES_KEY_BYTES, type Engine } from './engine.ts';
import { badArgument, badLength, CryptoError } from './errors.ts';

/**
 * An AES key whose schedule lies ready in WASM memory: saves the expansion (about as long as one
 * block) in every call. `close()` wipes it. Made by {@link CryptoCore.createAesKey}.
 */
export class AesKey {
  /** Length of the key in bytes: 16, 24 or 32. */
  readonly keyBytes: number;
  readonly #engine: Engine;
  readonly #schedule: Block;

  /** @internal */
  constructor(engine: Engine, key: Uint8Array) {
    checkBytes('key', key, badArgument);
    if (key.length !== 16 && key.length !== 24 && key.length !== 32) {
      throw badLength(`"key" expected 16, 24 or 32 bytes, got ${key.length}`);
    }
    this.keyBytes = key.length;
    this.#engine = engine;
    const staged = engine.stageKey(key); // before the allocation, which may detach `key`
    this.#schedule = engine.memory.allocate(AES_KEY_BYTES);
    engine.exports.aesKeyExpand(this.#schedule.address, staged, this.keyBytes);
    engine.wipeStaging();
    engine.register(this);
  }

  /** @internal Address of the schedule for a call on `engine`. */
  scheduleFor(engine: Engine): number {
    if (this.#schedule.released) throw new CryptoError('released', 'the AesKey was closed');
    if (engine !== this.#engine) {
      throw new CryptoError(
        'bad-argument',
        '"key" expected an AesKey of this core, got one of another',
      );
    }
    return this.#schedule.address;
  }

  /** Wipes the key. Idempotent. */
  close(): void {
    this.#schedule.release();
    this.#engine.unregister(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * @internal Schedule of a key argument: that of the handle, or one expanded in the staging area.
 * Checks first and copies then, so nothing happens on bad input.
 */
export function scheduleOf(engine: Engine, key: Uint8Array | AesKey): number {
  if (key instanceof AesKey) return key.scheduleFor(engine);
  engine.exports.aesKeyExpand(engine.scheduleAddress, engine.stageKey(key), 32);
  return engine.scheduleAddress;
}

/** @internal As scheduleOf, for the second of two keys in one call. */
export function secondScheduleOf(engine: Engine, key: Uint8Array | AesKey): number {
  if (key instanceof AesKey) return key.scheduleFor(engine);
  const address = engine.secondScheduleAddress;
  engine.exports.aesKeyExpand(address, engine.stageSecondKey(key), 32);
  return address;
}

/** @internal */
export function checkKey(engine: Engine, key: unknown): asserts key is Uint8Array | AesKey {
  if (key instanceof AesKey) {
    key.scheduleFor(engine);
    return;
  }
  checkBytes('key', key, badArgument);
  checkLength('key', key, 32, badLength);
}
