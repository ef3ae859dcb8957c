/** A packet: its plan, its frames, and how they are put together (RFC 6716, section 3.2). */
import { RATE_CONSTANT } from "./celt/encoder";
import { followPitch } from "./corner";
import { silencePacket } from "./dtx";
import { effectiveBitrate } from "./encoder-settings";
import { OpusEncoder, settingsOf } from "./encoder-state";
import { encodeFrame, frameBridged } from "./frame-encoder";
import { writePacket } from "./framing";
import { MAX_FRAME_BYTES } from "./packet-info";
import { PLAN, Plan, planPacket } from "./packet-plan";
import { MODE_CELT, MODE_SILK, tocOf } from "./toc";

/** Frames of a packet, one after the other, and their sizes: u16. */
const FRAMES = memory.data(6 * 1280, 16);
const SIZES = memory.data(2 * 8, 16);

/** Bytes of a packet of `samples` at a constant rate. */
// @ts-ignore: decorator
@inline function constantBytes(rate: i32, samples: i32): i32 {
  return <i32>((<i64>rate * samples + 192000) / 384000);
}

/** Bytes that frames may have of `bytes` for the packet: without what tells their number and sizes. */
// @ts-ignore: decorator
@inline function frameBytes(bytes: i32, frames: i32): i32 {
  return min(MAX_FRAME_BYTES, frames == 1 ? bytes - 1 : (bytes - 2 - 2 * (frames - 1)) / frames);
}

/** Encodes the packet of `samples` (at 48 kHz) that was taken in, into at most `limit` bytes at `out`; gives its bytes. */
export function encodePacket(e: OpusEncoder, samples: i32, out: usize, limit: i32): i32 {
  const s = settingsOf(e);
  const p = PLAN;
  const constant = s.control == RATE_CONSTANT;
  const count = max(1, samples / 960);
  let bytes = min(limit, count * (MAX_FRAME_BYTES + 2) + (count > 1 ? 2 : 0) - i32(count == 1));
  let rate = effectiveBitrate(s, e.kHz, e.channels, samples, bytes);
  if (constant) {
    bytes = max(1, min(bytes, constantBytes(rate, samples)));
    rate = <i32>((<i64>bytes * 384000) / samples);
  }
  planPacket(e, samples, rate, bytes);
  const most = frameBytes(bytes, p.frames);
  const before = e.previousMode;
  const kHz = e.silkKHz;
  const bridged = e.bridged;
  const size = most >= 2 ? encodeFrames(e, p, most) : 0;
  if (size > 0 && p.mode != MODE_CELT) followPitch(e);
  if (size == 0 || silencePacket(e, p, samples)) {
    // Nothing, or nothing worth sending: the first byte alone makes the decoder fill the gap. It goes on from the packet before,
    // or from the redundancy at its end.
    e.finalRange = 0;
    e.previousMode = bridged ? MODE_CELT : before;
    e.silkKHz = kHz;
    e.bridged = 0;
    return emptyPacket(p, samples, out, limit, constant && size == 0 && bytes > 1 ? bytes : 0);
  }
  commit(e, p);
  const toc = tocOf(p.mode, p.bandwidth, p.frameSamples, p.channels);
  return writePacket(out, limit, toc, SIZES, p.frames, FRAMES, 0, constant ? bytes : 0);
}

/** A packet of empty frames, as short as it can be (those of SILK are the longest), or of `length` bytes. */
function emptyPacket(p: Plan, samples: i32, out: usize, limit: i32, length: i32): i32 {
  let frame = p.frameSamples;
  let toc = tocOf(p.mode, p.bandwidth, frame, p.channels);
  if (p.frames > 1) {
    frame = samples == 4800 ? 960 : samples % 2880 == 0 ? 2880 : 1920;
    toc = tocOf(MODE_SILK, min(p.bandwidth, 2), frame, p.channels);
  }
  memory.fill(SIZES, 0, 16);
  return writePacket(out, limit, toc, SIZES, samples / frame, FRAMES, 0, length);
}

/** Encodes the frames of a packet into `FRAMES`; gives their bytes, 0 when none of them fits. */
function encodeFrames(e: OpusEncoder, p: Plan, most: i32): i32 {
  const step = p.frameSamples / (48 / e.kHz);
  let before = e.previousMode;
  let total = 0;
  for (let i = 0; i < p.frames; i++) {
    const first = i == 0 ? p.firstBytes : 0;
    const last = i == p.frames - 1 ? p.lastBytes : 0;
    const size = encodeFrame(e, p, i * step, FRAMES + total, most, before, first, last);
    if (size < 2) e.finalRange = 0;
    store<u16>(SIZES + (<usize>i << 1), <u16>size);
    total += size;
    // What is lost is concealed as what it would have followed.
    if (size >= 2 || before < 0) {
      before = p.mode;
      e.bridged = 0;
    } else if (e.bridged) {
      before = MODE_CELT;
      e.bridged = 0;
    }
  }
  e.previousMode = before;
  return total;
}

/** Takes over what the decoder will go on from. */
function commit(e: OpusEncoder, p: Plan): void {
  e.bridged = i32(frameBridged);
  e.unbridged = i32(p.lastBytes > 0 && !frameBridged);
  e.nextMode = p.nextMode;
  e.nextKHz = p.nextKHz;
  e.bandwidth = p.bandwidth;
  e.streamChannels = p.channels;
}
