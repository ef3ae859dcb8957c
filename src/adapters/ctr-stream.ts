import type { AesCtr, CryptoCore } from '../crypto/index.ts';

/** Clients forget their streams without closing them: their keys are wiped when they are collected. */
const forgotten = /* @__PURE__ */ new FinalizationRegistry<AesCtr>((stream) => stream.close());

/** A CTR stream that nobody has to close. Results are *owned*. @internal */
export class CtrStream {
  readonly #stream: AesCtr;

  constructor(crypto: CryptoCore, key: Uint8Array, iv: Uint8Array) {
    this.#stream = crypto.createAesCtr(key, iv);
    forgotten.register(this, this.#stream, this);
  }

  process(data: Uint8Array): Uint8Array<ArrayBuffer> {
    const result = new Uint8Array(data.length);
    this.#stream.process(data, result);
    return result;
  }

  close(): void {
    forgotten.unregister(this);
    this.#stream.close();
  }
}
