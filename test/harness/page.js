// Runs in the page: the page itself, then a dedicated worker, then an AudioWorklet, and posts one
// report for each to the server.
import { collect, describe, mark, prepare } from './collect.js';

/** A context that has not named a new file, nor finished, for so long hangs. */
const silence = 60_000;
const quanta = 16;

const post = (path, body) => fetch(path, { method: 'POST', body });
const failed = (text) => ({ passed: 0, failed: 1, skipped: 0, messages: [text] });

/** What processor.js renders, by the engine's own SHA-256. */
async function rightlyRendered(samples) {
  let state = new Uint8Array(32);
  for (let start = 0; start < samples.length; start += 128) {
    state = new Uint8Array(await crypto.subtle.digest('SHA-256', state));
    for (let i = 0; i < 128; i++) {
      if (samples[start + i] !== state[i % 32] / 256) return false;
    }
  }
  return samples.length === 128 * quanta;
}

const run = {
  async page(files, progress) {
    prepare();
    for (const file of files) {
      mark(file);
      await import(`/test/${file}`);
    }
    return collect(progress);
  },

  worker(_files, progress) {
    return new Promise((resolve, reject) => {
      const worker = new Worker('/entry.js?worker', { type: 'module' });
      worker.onmessage = ({ data }) => (data.file ? progress(data.file) : resolve(data.result));
      worker.onerror = (event) =>
        reject(new Error(`worker: ${event.message} ${event.filename ?? ''}`));
    });
  },

  async worklet(_files, progress) {
    const audio = new OfflineAudioContext(1, 128 * quanta, 48000);
    await audio.audioWorklet.addModule('/entry.js?worklet');
    const node = new AudioWorkletNode(audio, 'tests'); // throws when the module failed
    const answer = new Promise((resolve, reject) => {
      node.port.onmessage = ({ data }) => (data.file ? progress(data.file) : resolve(data.result));
      node.onprocessorerror = () => reject(new Error('processorerror'));
    });
    node.connect(audio.destination);
    const rendered = (await audio.startRendering()).getChannelData(0);
    const result = await answer;
    if (await rightlyRendered(rendered)) result.passed++;
    else {
      result.failed++;
      result.messages.push('process() did not render what the library wrote');
    }
    return result;
  },
};

/** Settles as `start` does, or rejects when `progress` was not called for too long. */
function watched(start, onFile) {
  let last = 'before the first file';
  let timer;
  return new Promise((resolve, reject) => {
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => reject(new Error(`nothing for ${silence} ms: ${last}`)), silence);
    };
    wait();
    start((file) => {
      last = file;
      wait();
      onFile(file);
    }).then(resolve, reject);
  }).finally(() => clearTimeout(timer));
}

for (const { context, files } of await (await fetch('/plan.json')).json()) {
  let result;
  try {
    result = await watched(
      (progress) => run[context](files, progress),
      (file) => post(`/progress/${context}`, `${context} ${file}`),
    );
  } catch (error) {
    result = failed(describe(error));
  }
  await post(`/report/${context}`, JSON.stringify(result));
}
