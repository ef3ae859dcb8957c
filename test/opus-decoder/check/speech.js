// Concealment of speech that is coded here: every mode, random and bursty loss, beside another decoder.
import { OpusEncoder } from 'sottovoce/opus';
import { libopusEngine } from 'sottovoce/opus/libopus';
import { compareConcealment, LOSSES, lossPattern } from './concealment.js';

const CODINGS = /** @type {const} */ ([
  { application: 'voip', bitrate: 16000, maxBandwidth: 'wideband' }, // SILK
  { application: 'voip', bitrate: 24000 }, // hybrid
  { application: 'audio', bitrate: 64000, signal: 'music' }, // CELT
]);

/** @param {Float32Array} pcm mono, 48 kHz */
async function encode(pcm, coding) {
  const format = /** @type {const} */ ({ sampleRate: 48000, channels: 1 });
  const encoder = await OpusEncoder.create({ ...format, ...coding, engine: libopusEngine() });
  const entries = [];
  for (let at = 0; at + 960 <= pcm.length; at += 960) {
    entries.push({ packet: encoder.encode(pcm.subarray(at, at + 960)).slice(), range: 0 });
  }
  encoder.close();
  return entries;
}

/**
 * @param {import('./report.js').Report} report
 * @param {readonly Float32Array[]} clips mono, 48 kHz
 * @param {import('./decode.js').OpusEngine} engine
 * @param {import('./decode.js').OpusEngine} peer
 */
export async function checkSpeech(report, clips, engine, peer) {
  const coded = [];
  for (const clip of clips) for (const coding of CODINGS) coded.push(await encode(clip, coding));
  for (const { share, bursty, title } of LOSSES) {
    const cases = coded.map((packets, i) => ({
      packets,
      channels: /** @type {const} */ (1),
      dropped: lossPattern(packets.length, share, bursty, i + 1),
    }));
    await compareConcealment(report, `speech, ${title}`, cases, engine, peer);
  }
}
