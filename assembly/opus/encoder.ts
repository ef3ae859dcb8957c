/** The Opus encoder at the boundary of the module. */
import { celtEncoderInit, celtEncoderReset } from "./celt/encoder";
import { analyse, analysisInit, analysisReset } from "./analysis/analysis";
import { LOWEST_CORNER } from "./corner";
import { inputAt, keepInput, takeInput } from "./encoder-input";
import { defaultSettings } from "./encoder-settings";
import {
  HISTORY_MS, OPUS_ENCODER_SIZE, OpusEncoder, analysisOf, celtOf, delayMs, filterOf, historyOf, settingsOf, silkOf,
} from "./encoder-state";
import { BAD_ARGUMENT, BUFFER_TOO_SMALL } from "./errors";
import { encodePacket } from "./packet-encoder";
import { silkEncoderInit } from "./silk/encoder/encoder";
import { MAX_PACKET_SAMPLES } from "./toc";

/** Bytes of an encoder's state. */
export function opusEncoderSize(): i32 {
  return <i32>OPUS_ENCODER_SIZE;
}

/**
 * Makes an encoder at `state` (16-byte aligned) with default settings.
 * @param rate 8000, 12000, 16000, 24000 or 48000 Hz
 * @param channels 1 or 2
 * @param application 0 voip, 1 audio, 2 low delay
 * @returns 0, or BAD_ARGUMENT
 */
export function opusEncoderInit(state: usize, rate: i32, channels: i32, application: i32): i32 {
  const kHz = rate / 1000;
  const rates = kHz == 8 || kHz == 12 || kHz == 16 || kHz == 24 || kHz == 48;
  if (!rates || kHz * 1000 != rate || channels < 1 || channels > 2 || <u32>application > 2) return BAD_ARGUMENT;
  memory.fill(state, 0, OPUS_ENCODER_SIZE);
  const e = changetype<OpusEncoder>(state);
  e.kHz = kHz;
  e.channels = channels;
  e.application = application;
  defaultSettings(settingsOf(e));
  celtEncoderInit(celtOf(e), channels);
  analysisInit(analysisOf(e), kHz);
  opusEncoderReset(state);
  return 0;
}

/** Address of the settings, i32 fields in the order of `EncoderSettings`: read at every encode. */
export function opusEncoderSettings(state: usize): usize {
  return changetype<usize>(settingsOf(changetype<OpusEncoder>(state)));
}

/** Complexity from which the input is analysed. */
// @ts-ignore: decorator
@inline const ANALYSED: i32 = 3;
/** Samples at 48 kHz for `samples` at the input rate, or 0 where no packet has that length. */
function packetSamples(e: OpusEncoder, samples: i32): i32 {
  if (samples <= 0 || samples > MAX_PACKET_SAMPLES) return 0;
  const wide = samples * (48 / e.kHz);
  const one = wide == 120 || wide == 240 || wide == 480;
  return one || (wide <= MAX_PACKET_SAMPLES && wide % 960 == 0) ? wide : 0;
}

/**
 * Encodes a packet.
 * @param pcm interleaved i16 with `int16`, or f32
 * @param samples per channel at the input rate: 2.5, 5, 10 or 20 to 120 ms in steps of 20
 * @param limit most bytes at `out`
 * @returns bytes of the packet, BAD_ARGUMENT, or BUFFER_TOO_SMALL for 100 ms in one byte
 */
export function opusEncoderEncode(state: usize, pcm: usize, samples: i32, int16: i32, out: usize, limit: i32): i32 {
  const e = changetype<OpusEncoder>(state);
  const wide = packetSamples(e, samples);
  if (wide == 0 || limit < 1) return BAD_ARGUMENT;
  // No first byte alone says 100 ms.
  if (wide == 4800 && limit == 1) return BUFFER_TOO_SMALL;
  takeInput(e, pcm, samples, int16 != 0);
  const a = analysisOf(e);
  const s = settingsOf(e);
  a.depth = s.lsbDepth;
  if (s.complexity >= ANALYSED || s.dtx) analyse(a, inputAt(e, 0), samples, e.channels);
  else a.valid = 0;
  const size = encodePacket(e, wide, out, limit);
  keepInput(e, samples);
  return size;
}

/** Samples at the input rate by which what is decoded lags behind what went in. */
export function opusEncoderLookahead(state: usize): i32 {
  const e = changetype<OpusEncoder>(state);
  return (e.kHz * 5) / 2 + delayMs(e) * e.kHz;
}

/** Range register after the last packet. */
export function opusEncoderFinalRange(state: usize): u32 {
  return changetype<OpusEncoder>(state).finalRange;
}

/** 1 when the last packet said that nobody speaks. */
export function opusEncoderInDtx(state: usize): i32 {
  return changetype<OpusEncoder>(state).inDtx;
}

/** Forgets the signal; settings stay. */
export function opusEncoderReset(state: usize): void {
  const e = changetype<OpusEncoder>(state);
  const record = changetype<usize>(state) + offsetof<OpusEncoder>("finalRange");
  memory.fill(record, 0, offsetof<OpusEncoder>() - offsetof<OpusEncoder>("finalRange"));
  memory.fill(historyOf(e), 0, 8 * 48 * <usize>HISTORY_MS);
  memory.fill(filterOf(e), 0, 32);
  e.previousMode = -1;
  e.highGain = 1;
  e.corner = LOWEST_CORNER;
  e.slowCorner = LOWEST_CORNER;
  analysisReset(analysisOf(e));
  celtEncoderReset(celtOf(e));
  silkEncoderInit(silkOf(e));
}
