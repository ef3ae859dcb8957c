// Where the voice lies in the body of a call packet (call-packets, sections 3 and 4): a sequence word, the type of an
// audio message, its length unless it fills the packet, then RTP (RFC 3550, section 5.1).

// @ts-ignore: decorator
@inline const AUDIO_DATA: u32 = 5;
// @ts-ignore: decorator
@inline const SINGLE: u32 = 0x80000000;
// @ts-ignore: decorator
@inline const RTP_HEADER: i32 = 12;
// @ts-ignore: decorator
@inline const OPUS: u32 = 111;

/** Start in the body, and bytes, of the Opus packet that `findVoice` found. */
export let voiceStart: i32 = 0;
export let voiceLength: i32 = 0;

// @ts-ignore: decorator
@inline
function u16At(at: usize): i32 {
  return <i32>bswap<u16>(load<u16>(at));
}

/** Looks for voice in the first message of a body of at least five bytes; false where there is none, or any length is wrong. */
export function findVoice(body: usize, length: i32): bool {
  if (load<u8>(body, 4) != AUDIO_DATA) return false;
  let start = 5;
  let end = length;
  if (!(bswap<u32>(load<u32>(body)) & SINGLE)) {
    if (length < 7) return false;
    start = 7;
    end = 7 + u16At(body + 5);
    if (end > length) return false;
  }
  if (end - start < RTP_HEADER) return false;
  const rtp = body + <usize>start;
  const first = <u32>load<u8>(rtp);
  if (first >> 6 != 2 || (<u32>load<u8>(rtp, 1) & 0x7f) != OPUS) return false;
  start += RTP_HEADER + 4 * <i32>(first & 15);
  if (first & 0x10) {
    if (start + 4 > end) return false;
    start += 4 + 4 * u16At(body + <usize>start + 2);
  }
  if (first & 0x20) {
    const padding = <i32>load<u8>(body + <usize>end - 1);
    if (padding == 0) return false;
    end -= padding;
  }
  if (start >= end) return false;
  voiceStart = start;
  voiceLength = end - start;
  return true;
}
