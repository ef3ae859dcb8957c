// Runs the queued suites inside an AudioWorkletGlobalScope and renders with the library: each block of
// 128 samples is the SHA-256 of the last, computed in process(). It is the first module of the worklet,
// which so proves that the package needs no global prepared by others.
import { createCrypto } from 'sottovoce/crypto';
import { collect } from './collect.js';

const { registerProcessor, AudioWorkletProcessor } = /** @type {any} */ (globalThis);

registerProcessor(
  'tests',
  class extends AudioWorkletProcessor {
    constructor() {
      super();
      this.crypto = createCrypto();
      this.state = new Uint8Array(32);
      collect((file) => this.port.postMessage({ file })).then((result) =>
        this.port.postMessage({ result }),
      );
    }

    process(_inputs, [[channel]]) {
      this.crypto.sha256(this.state.slice(), this.state);
      for (let i = 0; i < channel.length; i++) channel[i] = this.state[i % 32] / 256;
      return true;
    }
  },
);
