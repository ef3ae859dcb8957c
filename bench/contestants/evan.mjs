// @evan/opus in WebAssembly: libopus with its raw controls, the only package that shows the final range.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The package's own interface; `wasm` chooses the WebAssembly build, else the native one. */
export function evan(wasm) {
  const path = require.resolve('@evan/opus');
  const before = process.env.OPUS_FORCE_WASM;
  if (wasm) process.env.OPUS_FORCE_WASM = '1'; // the choice is made when the package is loaded
  delete require.cache[path];
  try {
    return require(path);
  } finally {
    delete require.cache[path];
    if (before === undefined) delete process.env.OPUS_FORCE_WASM;
  }
}
