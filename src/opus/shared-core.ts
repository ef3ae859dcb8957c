import { createOpus, type OpusCore } from './packet.ts';

let shared: OpusCore | undefined;

/** The core that encoders and decoders use for checks and merging, made on first use. @internal */
export function sharedOpus(): OpusCore {
  shared ??= createOpus();
  return shared;
}
