/** What the noise-shaping quantiser starts from: the local decoder's memories and the encoder's, brought to unit gain. */
import { LAGS, LPC, LPC_BYTES } from "../parameters";
import { Channel, lpcStateOf, signalOf } from "../state";
import { EncoderChannel, shapedErrorOf, shapingStateOf } from "./encoder-state";
import { PLAN } from "./frame-plan";
import {
  CHAIN,
  EXCLUDED,
  HISTORY,
  LONG,
  OUTPUT,
  REG,
  R_COST,
  R_ERROR,
  R_FIRST_SEED,
  R_LEVEL,
  R_SEED,
  R_SHAPED,
  SHAPED,
  SYNTHESIS,
} from "./quantiser-lanes";

/** Lane memories from the channel's. */
export function loadLanes(c: EncoderChannel, channel: Channel): void {
  const inverse: f32 = 65536.0 / <f32>channel.previousGain;
  const state = lpcStateOf(channel);
  for (let i = 0; i < 16; i++) {
    v128.store(SYNTHESIS + (i << 4), f32x4.splat(<f32>load<i32>(state + (i << 2)) * (1.0 / 16384.0)));
  }
  for (let i = 0; i < PLAN.shapingOrder; i++) {
    v128.store(CHAIN + (i << 4), f32x4.splat(load<f32>(shapingStateOf(c) + (i << 2)) * inverse));
  }
  const seeds = v128.and(i32x4.add(i32x4.splat(c.frameCounter), i32x4(0, 1, 2, 3)), i32x4.splat(3));
  v128.store(REG + R_SEED, seeds);
  v128.store(REG + R_FIRST_SEED, seeds);
  const cost = PLAN.states == 4 ? f32x4(0, 0, 0, 0)
    : PLAN.states == 3 ? f32x4(0, 0, 0, EXCLUDED)
    : PLAN.states == 2 ? f32x4(0, 0, EXCLUDED, EXCLUDED)
    : f32x4(0, EXCLUDED, EXCLUDED, EXCLUDED);
  v128.store(REG + R_COST, cost);
  v128.store(REG + R_ERROR, f32x4.splat(c.error * inverse));
  v128.store(REG + R_LEVEL, f32x4.splat(c.levelError * inverse));
  loadHistory(c, channel);
  v128.store(REG + R_SHAPED, f32x4.splat(load<f32>(SHAPED + (<usize>(HISTORY - 1) << 2)) * inverse));
}

/** What is final from the frames before: shaped error and decoded signal. */
export function loadHistory(c: EncoderChannel, channel: Channel): void {
  const keep = <usize>channel.historyLength << 2;
  memory.copy(SHAPED + (<usize>HISTORY << 2) - keep, shapedErrorOf(c), keep);
  const signal = signalOf(channel);
  for (let i = 0; i < channel.historyLength; i++) {
    store<f32>(
      OUTPUT + (<usize>(HISTORY - channel.historyLength + i) << 2),
      <f32>load<i16>(signal + (i << 1)),
    );
  }
}

/** Brings the lane memories to a new gain. */
export function rescaleLanes(position: i32, ratio: f32): void {
  const factor = f32x4.splat(ratio);
  const from = SYNTHESIS + (<usize>position << 4);
  for (let at = from; at < from + 256; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor));
  for (let i = 0; i < PLAN.shapingOrder; i++) {
    v128.store(CHAIN + (i << 4), f32x4.mul(v128.load(CHAIN + (i << 4)), factor));
  }
  for (let at = REG + R_ERROR; at <= REG + R_SHAPED; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor));
}

/** What the predictor of subframe `k` leaves of the last lag + 2 outputs, times `scale`. */
export function whiten(channel: Channel, k: i32, scale: f32): void {
  const lag = load<i32>(LAGS + (k << 2));
  const order = channel.order;
  const lpc = LPC + <usize>(k >> 1) * LPC_BYTES;
  const end = OUTPUT + (<usize>(HISTORY + k * channel.subframeLength) << 2);
  const first = end - (<usize>(lag + 5 & ~3) << 2);
  const to = LONG - OUTPUT;
  for (let at = first; at < end; at += 16) {
    let sum = v128.load(at);
    for (let j = 0; j < order; j++) {
      const a = f32x4.splat(<f32>load<i16>(lpc + (j << 1)) * (1.0 / 4096.0));
      sum = f32x4.sub(sum, f32x4.mul(a, v128.load(at - (<usize>(j + 1) << 2))));
    }
    v128.store(at + to, f32x4.mul(sum, f32x4.splat(scale)));
  }
}
