/** SILK or CELT: by rate, by what the signal is, and by what was used before. */
import { APPLICATION_LOW_DELAY, APPLICATION_VOIP, SIGNAL_MUSIC, SIGNAL_VOICE } from "./encoder-settings";
import { OpusEncoder, analysisOf, settingsOf } from "./encoder-state";
import { MODE_CELT, MODE_SILK } from "./toc";

/** Rates from which CELT is better for music, for a voice, and for a voice in full stereo. */
// @ts-ignore: decorator
@inline const MUSIC_RATE: i32 = 10000;
// @ts-ignore: decorator
@inline const VOICE_RATE: i32 = 64000;
// @ts-ignore: decorator
@inline const STEREO_VOICE_RATE: i32 = 44000;
/** Music takes SILK only where the rate is this far below, and the reverse. */
// @ts-ignore: decorator
@inline const INERTIA: i32 = 4000;

/** How surely the signal is a voice: 0..127. */
export function voiceEstimate(e: OpusEncoder): i32 {
  const s = settingsOf(e);
  if (s.signal == SIGNAL_VOICE) return 127;
  if (s.signal == SIGNAL_MUSIC) return 0;
  if (e.application == APPLICATION_VOIP) return 115;
  const a = analysisOf(e);
  const voice: f32 = 127 - a.music * 127;
  return a.valid ? min(115, <i32>voice) : 48;
}

/** MODE_SILK (or hybrid, as the bandwidth will have it) or MODE_CELT for frames of `samples` at 48 kHz. */
export function decideMode(e: OpusEncoder, rate: i32, channels: i32, samples: i32, most: i32): i32 {
  const s = settingsOf(e);
  if (samples < 480 || e.application == APPLICATION_LOW_DELAY) return MODE_CELT;
  if (s.forceMode > 0) return s.forceMode == MODE_CELT + 1 ? MODE_CELT : MODE_SILK;
  // SILK's side information alone would fill such packets.
  if (most < (samples < 960 ? 9000 : 6000)) return MODE_CELT;
  const voice = voiceEstimate(e);
  if (s.fec && s.expectedLossPercent > (128 - voice) >> 4) return MODE_SILK;
  let voiceRate = VOICE_RATE;
  if (channels == 2) {
    const side = min<f32>(1, 4 * e.sideEnergy / (e.midEnergy + 1e-9));
    voiceRate -= <i32>(side * <f32>(VOICE_RATE - STEREO_VOICE_RATE));
  }
  let threshold = MUSIC_RATE + ((voice * voice * ((voiceRate - MUSIC_RATE) >> 4)) >> 10);
  if (e.application == APPLICATION_VOIP) threshold += 8000;
  if (e.previousMode == MODE_CELT) threshold -= INERTIA;
  else if (e.previousMode >= 0) threshold += INERTIA;
  return rate >= threshold ? MODE_CELT : MODE_SILK;
}
