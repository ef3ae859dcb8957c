/** What a SILK encoder is asked for with each packet, and what it carries from packet to packet. */
import { ENCODER_CHANNEL_SIZE, EncoderChannel } from "./encoder-state";
import { MidSide } from "./mid-side";

/** What the caller asks for; read at every call. */
@unmanaged
export class SilkControls {
  /** Rate of the input, 8, 12, 16, 24 or 48, and the internal rate, 8, 12 or 16, not above it. */
  inKHz: i32;
  kHz: i32;
  /** Channels of the input (interleaved) and of the stream. */
  inChannels: i32;
  channels: i32;
  /** 10, 20, 40 or 60. */
  ms: i32;
  /** Bits per second for the SILK part. */
  bitRate: i32;
  /** Limit for this frame, as `tell` counts. */
  maxBits: i32;
  /** 1: come as close to the limit as possible. */
  cbr: i32;
  /** 0..10. */
  complexity: i32;
  /** Redundancy for the next packet: by how many gain steps it is coarser, 0 for none. */
  redundancy: i32;
  /** Expected packet loss in per cent. */
  loss: i32;
  /** 1: the packet must not lean on the one before: no pitch, no interpolation in its first frame. */
  independent: i32;
}

/** What an encoder carries from packet to packet; its arrays follow. What a caller may want to know stands last. */
@unmanaged
export class SilkEncoder {
  inKHz: i32;
  kHz: i32;
  channels: i32;
  /** Frames of the last packet. */
  frames: i32;
  /** Bits spent beyond the rate, never below zero. */
  excess: f32;
  /** 1 when the frame before had no side. */
  midOnly: i32;
  /** Of the last frame, mid only: signal type (0 inactive, 1 unvoiced, 2 voiced) and speech activity 0..1. */
  signalType: i32;
  activity: f32;
  /** Its tilt, -1 (bright) to 1 (dull), and how far its lowest band stands above the noise, 0..1. */
  tilt: f32;
  quality: f32;
  /** Its pitch lag in samples of `kHz`, 0 when it is not voiced. */
  lag: i32;
  /** Quantisation offset of the last frame coded, in 1/1024. */
  offset: i32;
  /** 1 when any channel was active in any frame of the last packet. */
  active: i32;
}

// @ts-ignore: decorator
@inline export const PAST: usize = (offsetof<SilkEncoder>() + 15) & ~15;
// @ts-ignore: decorator
@inline export const MID_SIDE: usize = PAST + 2 * 4 * 80;
// @ts-ignore: decorator
@inline export const MID_SIDE_SIZE: usize = 32 + 4 * (1 + 80 + 320 + 3);
// @ts-ignore: decorator
@inline export const CHANNELS: usize = MID_SIDE + MID_SIDE_SIZE;

/** Bytes of an encoder's state. */
export const SILK_ENCODER_SIZE: usize = CHANNELS + 2 * ENCODER_CHANNEL_SIZE;

// @ts-ignore: decorator
@inline export function midSideOf(e: SilkEncoder): MidSide {
  return changetype<MidSide>(changetype<usize>(e) + MID_SIDE);
}

/** f32: one sample, the lookahead, one frame of side as it came in. */
// @ts-ignore: decorator
@inline export function rawSideOf(e: SilkEncoder): usize {
  return changetype<usize>(e) + MID_SIDE + 32;
}

// @ts-ignore: decorator
@inline export function channelOf(e: SilkEncoder, n: i32): EncoderChannel {
  return changetype<EncoderChannel>(changetype<usize>(e) + CHANNELS + <usize>n * ENCODER_CHANNEL_SIZE);
}
