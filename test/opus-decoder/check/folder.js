// Checks an engine with a folder of conformance material. Files are read by what is given, so that the
// same code checks fixtures in a browser and folders on a disk.
import { createCrypto } from 'sottovoce/crypto';
import { hex, littleEndian, readBitFile } from './bit-file.js';
import { compareConcealment, LOSSES, lossPattern } from './concealment.js';
import { checkHostile } from './hostile.js';
import { checkLoss } from './loss.js';
import { readSketch } from './sketch.js';
import { checkStream } from './stream.js';
import { readWindow } from './windows.js';

/**
 * @typedef {object} Folder
 * @property {(path: string) => any} json parsed file, undefined where there is none
 * @property {(path: string) => Uint8Array} bytes throws where there is none
 * @property {(path: string) => Uint8Array} brotli contents of a compressed file
 */

/** Concealment beside another decoder: the lists, and random and bursty loss on their streams. */
async function besidePeer(report, loss, packetsOf, engine, peer) {
  const lists = loss.cases.map(({ stream, channels, dropped_packets: dropped }) => ({
    packets: packetsOf(stream),
    channels,
    dropped,
  }));
  await compareConcealment(report, 'the lists', lists, engine, peer);
  const streams = new Map(loss.cases.map(({ stream, channels }) => [stream, channels]));
  for (const { share, bursty, title } of LOSSES) {
    const cases = [...streams].map(([stream, channels], i) => {
      const packets = packetsOf(stream);
      return { packets, channels, dropped: lossPattern(packets.length, share, bursty, i + 1) };
    });
    await compareConcealment(report, title, cases, engine, peer);
  }
}

/** @param {Folder} folder @param {any} entry */
function loadStream(folder, entry, windowList) {
  const bytes = folder.bytes(entry.file);
  const problems = [];
  if (hex(createCrypto().sha256(bytes)) !== entry.sha256) problems.push('SHA-256 of the file');
  const packets = readBitFile(bytes);
  if (packets.length !== entry.packets) problems.push(`${packets.length} packets`);
  const sketches = {};
  for (const [word, path] of Object.entries(entry.sketch ?? {})) {
    sketches[word] = readSketch(folder.bytes(path));
  }
  const windows = windowList
    .filter(({ stream }) => stream === entry.file)
    .map(({ file, channels, first_sample: first, samples, sha256_s16: hash }) => {
      const pcm = readWindow(folder.brotli(file), channels);
      if (pcm.length !== samples * channels) problems.push(`${file}: length`);
      if (hex(createCrypto().sha256(littleEndian(pcm))) !== hash) problems.push(`${file}: SHA-256`);
      return { name: file.replace(/^.*\//, ''), channels, first, pcm };
    });
  return { problems, stream: { entry, packets, sketches, windows } };
}

/**
 * @param {import('./report.js').Report} report
 * @param {Folder} folder
 * @param {import('./decode.js').OpusEngine} engine
 * @param {{ peer?: import('./decode.js').OpusEngine, only?: RegExp }} [options] `only`: names of streams
 * @returns {Promise<boolean>} false when the folder holds nothing to check
 */
export async function checkFolder(report, folder, engine, { peer, only } = {}) {
  const index = folder.json('streams/index.json');
  const loss = folder.json('loss.json');
  const hostile = folder.json('hostile.json');
  if (!index && !loss && !hostile) return false;
  const windowList = folder.json('pcm/index.json')?.files ?? [];
  for (const entry of index?.streams ?? []) {
    if (only && !only.test(entry.file)) continue;
    await report.guard('files', entry.file, async () => {
      const { problems, stream } = loadStream(folder, entry, windowList);
      report.add('files', entry.file, problems.length === 0, problems.join(', '));
      await checkStream(report, stream, engine, { ...(peer && { peer }) });
    });
  }
  const packetsOf = (path) => readBitFile(folder.bytes(path));
  if (loss && !(only && !only.test('loss'))) {
    await checkLoss(report, loss, packetsOf, engine);
    if (peer) await besidePeer(report, loss, packetsOf, engine, peer);
  }
  if (hostile && !(only && !only.test('hostile'))) {
    const first = index?.streams.find(
      ({
        contains_non_normative_output: reasons,
        clipped_samples_stereo: clipped,
        encoder_channels,
      }) => reasons.length === 0 && clipped === 0 && encoder_channels === 2,
    );
    const good = first ? packetsOf((first ?? index.streams[0]).file) : [];
    await checkHostile(report, hostile, good, engine);
  }
  return true;
}
