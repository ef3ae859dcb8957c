/** Interleaved samples: f32 with full scale at ±1, or s16. */
export type Pcm = Float32Array | Int16Array;

/** Beyond this nothing is audio; +12 dB over full scale. */
const LIMIT = 4;

/**
 * What an engine may be given: NaN becomes 0, and what is beyond ±4 (infinities included) is set to
 * that. Returns the same array where nothing has to change.
 * @internal
 */
export function finitePcm(pcm: Pcm): Pcm {
  if (pcm instanceof Int16Array) return pcm;
  for (let i = 0; i < pcm.length; i++) {
    // NaN fails every comparison.
    if (!(Math.abs(pcm[i]!) <= LIMIT)) return limited(pcm);
  }
  return pcm;
}

function limited(pcm: Float32Array): Float32Array {
  return pcm.map((x) => (Number.isNaN(x) ? 0 : Math.max(-LIMIT, Math.min(LIMIT, x))));
}
