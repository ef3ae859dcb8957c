/**
 * Comfort noise: background remembered from inactive frames fills in what fading concealment leaves, in gaps of
 * discontinuous transmission above all.
 */
import { mulQ16, nextSeed } from "./fixed-point";
import { nlsfToLpc } from "./lpc";
import { GAINS, NLSF, PARAMETERS } from "./parameters";
import {
  shortTermAddTo,
  shortTermAdvance,
  shortTermLoad,
  shortTermPrepare,
  shortTermRun,
  shortTermSave,
} from "./short-term";
import {
  Channel,
  ComfortNoise,
  INACTIVE,
  MAX_FRAME,
  MAX_ORDER,
  comfortExcitationOf,
  comfortLpcStateOf,
  comfortNlsfOf,
  comfortNoiseOf,
  concealmentOf,
  excitationOf,
} from "./state";

/** The spectrum follows by a quarter of the difference with every frame, Q16. */
// @ts-ignore: decorator
@inline const NLSF_FOLLOW: i32 = 16348;
/** The gain follows by this with every subframe, Q16. */
// @ts-ignore: decorator
@inline const GAIN_FOLLOW: i32 = 4634;
/** A gain more than 6 dB above the present one falls at once: Q16. */
// @ts-ignore: decorator
@inline const GAIN_EXCESS: i32 = 32768;

/** Predictor of the noise, i16 Q12. */
const NOISE_LPC = memory.data(32, 16);
/** Excitation of the noise, i32 Q14. */
const DRAWN = memory.data(4 * MAX_FRAME, 16);

/** Called with every frame: learns from good inactive ones, adds noise to made-up ones. */
export function comfortNoise(channel: Channel, out: usize): void {
  const noise = comfortNoiseOf(channel);
  if (noise.kHz != channel.kHz) startFresh(noise, channel);
  if (channel.lossCount > 0) {
    addNoise(noise, channel, out);
    return;
  }
  if (PARAMETERS.signalType == INACTIVE) learn(noise, channel);
  memory.fill(comfortLpcStateOf(channel), 0, 4 * MAX_ORDER);
}

/** A flat spectrum and silence. */
function startFresh(noise: ComfortNoise, channel: Channel): void {
  const nlsf = comfortNlsfOf(channel);
  const step = 32767 / (channel.order + 1);
  for (let i = 0; i < channel.order; i++) store<i16>(nlsf + (<usize>i << 1), (i + 1) * step);
  noise.kHz = channel.kHz;
  noise.gain = 0;
  noise.seed = 3176576;
}

function learn(noise: ComfortNoise, channel: Channel): void {
  const nlsf = comfortNlsfOf(channel);
  for (let i = 0; i < channel.order; i++) {
    const at = nlsf + (<usize>i << 1);
    const smoothed: i32 = load<i16>(at);
    store<i16>(at, smoothed + mulQ16(<i32>load<i16>(NLSF + (<usize>i << 1)) - smoothed, NLSF_FOLLOW));
  }
  let loudest = 0;
  let most = 0;
  for (let k = 0; k < channel.subframes; k++) {
    const gain = load<i32>(GAINS + (<usize>k << 2));
    if (gain > most) {
      most = gain;
      loudest = k;
    }
    noise.gain += mulQ16(gain - noise.gain, GAIN_FOLLOW);
    if (mulQ16(noise.gain, GAIN_EXCESS) > gain) noise.gain = gain;
  }
  const bytes = <usize>channel.subframeLength << 2;
  const excitation = comfortExcitationOf(channel);
  memory.copy(excitation + bytes, excitation, (4 * <usize>MAX_FRAME) - bytes);
  memory.copy(excitation, excitationOf(channel) + <usize>loudest * bytes, bytes);
}

function addNoise(noise: ComfortNoise, channel: Channel, out: usize): void {
  const c = concealmentOf(channel);
  const wanted = <f64>noise.gain;
  const there = (<f64>c.noiseScale / 16384) * <f64>c.gain;
  const gain = <i32>(sqrt<f64>(max(0, wanted * wanted - 2 * there * there)) / 64);
  const order = channel.order;
  const length = channel.frameLength;
  const lpcState = comfortLpcStateOf(channel);
  const excitation = comfortExcitationOf(channel);
  let mask = 255;
  while (mask > length) mask >>= 1;
  let seed = noise.seed;
  for (let i = 0; i < length; i++) {
    seed = nextSeed(seed);
    store<i32>(DRAWN + (<usize>i << 2), load<i32>(excitation + (<usize>((seed >> 24) & mask) << 2)));
  }
  noise.seed = seed;
  nlsfToLpc(NOISE_LPC, comfortNlsfOf(channel), order);
  shortTermPrepare(NOISE_LPC, order);
  shortTermLoad(lpcState);
  shortTermRun(DRAWN, order, length);
  shortTermAddTo(out, gain, length);
  shortTermAdvance(length);
  shortTermSave(lpcState);
}
