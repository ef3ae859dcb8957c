// Runs in the caller's thread, where the key of the call is: the key itself never leaves it.
import { parseRtp } from 'sottovoce/call';
import { createCrypto, DH_PRIME } from 'sottovoce/crypto';
import {
  countOpusRuns,
  countPcmRuns,
  guessKeys,
  Haystack,
  openAll,
  sealedPackets,
  tryGuesses,
} from './relay-analysis.mjs';

/** @typedef {import('sottovoce/call').Call} Call */

/** Type of a message that carries RTP. */
const AUDIO_DATA = 5;

/**
 * @typedef {object} AnalysisTask
 * @property {Uint8Array[]} datagrams all that the relay saw
 * @property {Record<string, Uint8Array>} values all that relay and signalling saw, by name
 * @property {Float32Array[]} voices what was said
 */
/**
 * @typedef {object} Analysis
 * @property {number} packets sealed packets that the relay saw
 * @property {number} guesses keys that were tried
 * @property {number} attempts packets times keys
 * @property {number} opened packets that opened with one of them
 * @property {number} control packets that opened with the key of the call
 * @property {number} voicePackets Opus packets found by the control
 * @property {number} opusRuns pieces of these in what the relay saw
 * @property {number} pcmRuns pieces of the speech in what the relay saw
 */

/** @param {Call} call @param {AnalysisTask} task @returns {Analysis} */
export function analyse(call, { datagrams, values, voices }) {
  const crypto = createCrypto();
  const packets = sealedPackets(datagrams);
  const guesses = guessKeys(crypto, { prime: DH_PRIME, values });
  const { opened, attempts } = tryGuesses(crypto, guesses, packets);
  crypto.close();
  /** @type {Uint8Array[]} */
  const voicePackets = [];
  const open = (/** @type {import('./relay-analysis.mjs').SealedPacket} */ { x, data }) =>
    call.openRecorded(data, x === 0 ? 'caller' : 'callee');
  const control = openAll(open, packets, (body) => {
    const packet = voiceIn(body);
    if (packet) voicePackets.push(packet);
  });
  const haystack = new Haystack(datagrams);
  return {
    packets: packets.length,
    guesses: guesses.length,
    attempts,
    opened,
    control,
    voicePackets: voicePackets.length,
    opusRuns: countOpusRuns(haystack, voicePackets),
    pcmRuns: voices.reduce((sum, pcm) => sum + countPcmRuns(haystack, pcm), 0),
  };
}

/**
 * The Opus packet in an opened body: word, type 5, length unless bit 31 of the word is set, RTP.
 * @param {Uint8Array} body
 * @returns {Uint8Array | null} owned
 */
function voiceIn(body) {
  if (body[4] !== AUDIO_DATA) return null;
  const single = ((body[0] ?? 0) & 0x80) !== 0;
  const length = ((body[5] ?? 0) << 8) | (body[6] ?? 0);
  const rtp = parseRtp(single ? body.subarray(5) : body.subarray(7, 7 + length));
  return rtp?.payload.slice() ?? null;
}
