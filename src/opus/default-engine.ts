import type { OpusEngine } from './engine.ts';
import { OpusError } from './errors.ts';
import { createLibopusEngine } from './libopus-engine.ts';
import type { LibopusModule } from './libopus-module.ts';

/**
 * The engine of encoders for which none was chosen: libopus, loaded only now, so that who
 * does not encode does not pay for it.
 * @throws {OpusError} `not-supported` where it cannot be loaded, as in AudioWorklets, which have no
 *   dynamic import
 * @internal
 */
export async function createDefaultEngine(): Promise<OpusEngine> {
  let module: LibopusModule;
  try {
    module = await import('libopus-wasm');
  } catch (cause) {
    throw new OpusError(
      'not-supported',
      'cannot load libopus-wasm here: pass "engine" (see sottovoce/opus/libopus)',
      { cause },
    );
  }
  return createLibopusEngine(module);
}
