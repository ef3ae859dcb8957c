/**
 * What a decoder carries from packet to packet: one block of fixed size, made of this record, the SILK decoder and the
 * CELT decoder. Nothing else is allocated, at creation or later.
 */
import { CELT_DECODER_SIZE, CeltDecoder } from "./celt/decoder";
import { SILK_DECODER_SIZE, SilkDecoder } from "./silk/decoder";

@unmanaged
export class OpusDecoder {
  /** Rate of the output in kHz: 8, 12, 16, 24 or 48. */
  kHz: i32;
  /** Channels of the output, 1 or 2. */
  channels: i32;
  /** Mode of the frame before (toc.ts), -1 at the start. Concealment counts as a frame. */
  previousMode: i32;
  /** 1 when the frame before ended in redundancy: CELT may follow without a reset. */
  bridged: i32;
  /** Of the last packet: MODE_*, channels, samples of a frame at 48 kHz. */
  mode: i32;
  streamChannels: i32;
  frameSamples: i32;
  /** Bandwidth of the last packet, 0 narrowband to 4 fullband. */
  bandwidth: i32;
  /** Rate in kHz and channels of the last SILK frame, for its concealment. */
  silkKHz: i32;
  silkChannels: i32;
  /** End of the bands of the last CELT frame, for its concealment. */
  celtEnd: i32;
  /** Range register after the last packet (RFC 6716, section 6.1). */
  finalRange: u32;
  /** Samples at 48 kHz made up since the last reset, transitions without redundancy included. */
  concealed: u32;
  /** Factor on the output. */
  gain: f32;
  /** Soft clipping of each channel at the end of the last packet: 0, or a lobe that goes on. */
  clip0: f32;
  clip1: f32;
}

// @ts-ignore: decorator
@inline const SILK: usize = (offsetof<OpusDecoder>() + 15) & ~15;
// @ts-ignore: decorator
@inline const CELT: usize = (SILK + SILK_DECODER_SIZE + 15) & ~15;

/** Bytes of a decoder, whatever it decodes. */
// @ts-ignore: decorator
@inline export const OPUS_DECODER_SIZE: usize = CELT + CELT_DECODER_SIZE;

// @ts-ignore: decorator
@inline export function silkOf(decoder: OpusDecoder): SilkDecoder {
  return changetype<SilkDecoder>(changetype<usize>(decoder) + SILK);
}

// @ts-ignore: decorator
@inline export function celtOf(decoder: OpusDecoder): CeltDecoder {
  return changetype<CeltDecoder>(changetype<usize>(decoder) + CELT);
}

/** Samples at 48 kHz for one at the output rate. */
// @ts-ignore: decorator
@inline export function decimationOf(decoder: OpusDecoder): i32 {
  return 48 / decoder.kHz;
}
