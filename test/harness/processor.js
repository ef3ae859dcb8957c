// Runs the queued suites inside an AudioWorkletGlobalScope and renders with the library: what the
// page hears was written by our module, in process(). It is the first module of the worklet, which
// so proves that the package needs no global prepared by others.
import { createCrypto } from 'sottovoce/crypto';
import { collect } from './collect.js';

const { registerProcessor, AudioWorkletProcessor } = /** @type {any} */ (globalThis);

registerProcessor(
  'tests',
  class extends AudioWorkletProcessor {
    constructor() {
      super();
      this.crypto = createCrypto();
      this.block = this.crypto.memory.allocate(128);
      this.block.bytes.set(Array.from({ length: 128 }, (_, i) => i));
      collect((file) => this.port.postMessage({ file })).then((result) =>
        this.port.postMessage({ result }),
      );
    }

    process(_inputs, [[channel]]) {
      const { bytes } = this.block;
      for (let i = 0; i < channel.length; i++) channel[i] = bytes[i] / 256;
      return true;
    }
  },
);
