import * as libopus from 'libopus-wasm';
import { checkMethods } from '../core/checks.ts';
import type { OpusEngine } from './engine.ts';
import { badArgument } from './errors.ts';
import { createLibopusEngine } from './libopus-engine.ts';
import type { LibopusModule } from './libopus-module.ts';

export type {
  LibopusDecoderHandle,
  LibopusEncoderHandle,
  LibopusModule,
} from './libopus-module.ts';

/**
 * libopus as an engine beside our own, for comparisons and for who relies on it. Bundlers for browsers
 * have to leave `node:module` alone (esbuild: `--external:node:module`): libopus-wasm asks for it in Node
 * only.
 * @param module another build of libopus-wasm 0.4 or later; default: the dependency of this package
 * @throws {OpusError} `bad-argument`
 * @example
 * import { OpusEncoder } from 'sottovoce/opus';
 * import { libopusEngine } from 'sottovoce/opus/libopus';
 * const encoder = await OpusEncoder.create({ engine: libopusEngine() });
 */
export function libopusEngine(module: LibopusModule = libopus): OpusEngine {
  checkMethods('module', module, ['createEncoder', 'createDecoder'], badArgument);
  return createLibopusEngine(module);
}
