import { checkBytes } from '../core/checks.ts';
import type { Block } from '../core/memory.ts';
import type { Engine } from './engine.ts';
import { badArgument, badLength, CryptoError } from './errors.ts';

/**
 * A 256-byte key that two sides share: an MTProto auth_key, or the key of a call. It lies in WASM
 * memory only; `close()` wipes it. Made by {@link CryptoCore.createSharedKey} and
 * {@link CryptoCore.modExpShared}.
 *
 * @example
 * const key = crypto.createSharedKey(authKeyBytes);
 * authKeyBytes.fill(0);
 * const sealed = packet.sealMessage(key, 0, length);
 * key.close();
 */
export class SharedKey {
  /** Last 8 bytes of SHA-1 of the key: auth_key_id on the wire, or the fingerprint of a call key. Public. */
  readonly fingerprint: Uint8Array;
  /** First 8 bytes of SHA-1 of the key: auth_key_aux_hash. */
  readonly auxHash: Uint8Array;
  readonly #engine: Engine;
  readonly #block: Block;

  /** @internal Takes the block over, filled with the key. */
  constructor(engine: Engine, block: Block) {
    this.#engine = engine;
    this.#block = block;
    const { exports, hashAddress, resultAddress } = engine;
    exports.hashInit(hashAddress, 0);
    exports.hashUpdate(hashAddress, block.address, block.length);
    exports.hashFinal(hashAddress, resultAddress);
    const digest = engine.takeResult(20, new Uint8Array(20));
    this.fingerprint = digest.slice(12, 20);
    this.auxHash = digest.slice(0, 8);
    digest.fill(0);
    engine.register(this);
  }

  /** @internal Address of the key for a call on `engine`. */
  addressFor(engine: Engine): number {
    if (this.#block.released) throw new CryptoError('released', 'the SharedKey was closed');
    if (engine !== this.#engine) {
      throw new CryptoError(
        'bad-argument',
        '"key" expected a SharedKey of this core, got one of another',
      );
    }
    return this.#block.address;
  }

  /** Wipes the key. Idempotent. */
  close(): void {
    this.#block.release();
    this.#engine.unregister(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** @internal A key from its big-endian bytes, padded with zeros on the left. */
export function sharedKeyFrom(engine: Engine, bytes: Uint8Array): SharedKey {
  engine.checkOpen();
  checkBytes('bytes', bytes, badArgument);
  if (bytes.length < 1 || bytes.length > 256) {
    throw badLength(`"bytes" expected 1..256 bytes, got ${bytes.length}`);
  }
  const staged = engine.stageBase(bytes);
  const block = engine.memory.allocate(256);
  block.bytes.set(engine.memory.view(staged, 256));
  engine.wipeStaging();
  return new SharedKey(engine, block);
}

/** @internal */
export function checkSharedKey(engine: Engine, key: unknown): number {
  if (!(key instanceof SharedKey)) throw badArgument('"key" expected a SharedKey');
  return key.addressFor(engine);
}
