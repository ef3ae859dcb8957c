// The encoder module beside our decoder and libopus: every packet goes through both.
import { createDecoder } from 'libopus-wasm';
import * as assert from 'uvu/assert';
import { instantiate } from '../support/node-assembly.js';

export const { wasm, memory, exports } = await instantiate('opus-encoder-debug');
/** What the decoder saw last: globals that change. */
const redundantBytes = /** @type {WebAssembly.Global} */ (exports.redundantBytes);
const redundantFirst = /** @type {WebAssembly.Global} */ (exports.redundantFirst);

/** Settings by name, in the order of EncoderSettings. */
const FIELDS = [
  ...['bitrate', 'control', 'complexity', 'bandwidth', 'maxBandwidth', 'signal', 'fec'],
  ...['expectedLossPercent', 'dtx', 'forceChannels', 'lsbDepth', 'predictionDisabled'],
  ...['phaseInversionDisabled', 'forceMode'],
];
export const CBR = 0;
export const VBR = 1;
export const SILK = 1;
export const HYBRID = 2;
export const CELT = 3;

const state = wasm.allocate(wasm.opusEncoderSize());
const decoder = wasm.allocate(wasm.opusDecoderSize());
const input = wasm.allocate(5760 * 2 * 4);
const packetAt = wasm.allocate(8000);
const output = wasm.allocate(5760 * 2 * 4 + 64);

/** What a packet's first bytes say. @param {Uint8Array} packet */
export function toc(packet) {
  const [first = 0] = packet;
  return { config: first >> 3, stereo: (first >> 2) & 1, code: first & 3 };
}

/**
 * One encoder at a time; its packets are decoded to the same final range by our decoder, and to the same samples by libopus as
 * long as neither had to make anything up.
 */
export class Bench {
  squares = 0;
  compared = 0;
  #peer;
  #channels;
  #rate;

  /** @param {{ rate?: number, channels?: number, application?: number }} [format] */
  static async create({ rate = 48000, channels = 1, application = 0 } = {}) {
    assert.is(wasm.opusEncoderInit(state, rate, channels, application), 0);
    wasm.opusDecoderInit(decoder, 48000, channels);
    return new Bench(
      rate,
      channels,
      await createDecoder({ channels: /** @type {1 | 2} */ (channels), sampleRate: 48000 }),
    );
  }

  constructor(rate, channels, peer) {
    this.#rate = rate;
    this.#channels = channels;
    this.#peer = peer;
  }

  /** @param {Record<string, number>} values */
  set(values) {
    const fields = new Int32Array(memory.buffer, wasm.opusEncoderSettings(state), FIELDS.length);
    for (const [name, value] of Object.entries(values)) fields[FIELDS.indexOf(name)] = value;
  }

  get inDtx() {
    return wasm.opusEncoderInDtx(state) !== 0;
  }

  reset() {
    wasm.opusEncoderReset(state);
  }

  /** Encodes without looking at the result. @param {Float32Array} pcm */
  encode(pcm, limit = 7660) {
    new Float32Array(memory.buffer, input, pcm.length).set(pcm);
    const samples = pcm.length / this.#channels;
    const length = wasm.opusEncoderEncode(state, input, samples, 0, packetAt, limit);
    assert.ok(length > 0 && length <= limit, `${length} bytes, limit ${limit}`);
    return new Uint8Array(memory.buffer, packetAt, length).slice();
  }

  /**
   * Encodes and checks. @param {Float32Array} pcm
   * @returns {{ packet: Uint8Array, decoded: Float32Array, redundancy: 'none' | 'first' | 'last' }}
   */
  step(pcm, limit = 7660) {
    const packet = this.encode(pcm, limit);
    const wide = ((pcm.length / this.#channels) * 48000) / this.#rate;
    redundantBytes.value = 0;
    const count = wasm.opusDecoderDecode(decoder, packetAt, packet.length, output, 5760, 0);
    assert.is(count, wide);
    const range = wasm.opusEncoderFinalRange(state) >>> 0;
    const { config } = toc(packet);
    assert.is(wasm.opusDecoderFinalRange(decoder) >>> 0, range, `final range, config ${config}`);
    const decoded = new Float32Array(memory.buffer, output, count * this.#channels).slice();
    assert.ok(decoded.every(Number.isFinite));
    const theirs = this.#peer.decodeFloat(packet);
    assert.is(theirs.length, decoded.length);
    if (wasm.opusDecoderConcealed(decoder) === 0) {
      for (const [i, x] of theirs.entries()) this.squares += ((x - decoded[i]) * 32768) ** 2;
      this.compared += theirs.length;
    }
    const redundant = config < 16 && packet.length > 1 && redundantBytes.value > 0;
    const place = redundantFirst.value ? 'first' : 'last';
    return { packet, decoded, redundancy: redundant ? place : 'none' };
  }

  /** Difference from libopus in units of 16 bits, RMS. */
  get rms() {
    return Math.sqrt(this.squares / Math.max(1, this.compared));
  }

  close() {
    this.#peer.free();
  }
}

/** Whether a SILK or hybrid packet of one frame carries redundancy (LBRR). @param {Uint8Array} packet */
export function hasLbrr(packet) {
  const { config, stereo } = toc(packet);
  const frames = config < 12 && (config & 3) > 1 ? config & 3 : 1;
  const bit = (i) => (packet[1] >> (7 - i)) & 1;
  return bit(frames) === 1 || (stereo === 1 && bit(2 * frames + 1) === 1);
}
