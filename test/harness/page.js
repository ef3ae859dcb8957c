// Runs in the page: the page itself, then a dedicated worker, then an AudioWorklet, and posts one
// report for each to the server.
import { collect, describe, mark, prepare } from './collect.js';

const { files, contexts } = await (await fetch('/plan.json')).json();
const send = (context, result) =>
  fetch(`/report/${context}`, { method: 'POST', body: JSON.stringify(result) });
const broken = (error) => ({
  passed: 0,
  failed: 1,
  skipped: 0,
  messages: [describe(error)],
});
let current = ''; // the test file that a worklet, which has no timer of its own, is busy with
const within = (ms, promise) =>
  Promise.race([
    promise,
    new Promise((_, reject) => {
      setTimeout(() => reject(new Error(`no answer in ${ms} ms ${current}`)), ms);
    }),
  ]);

const run = {
  async page() {
    prepare();
    for (const file of files) {
      mark(file);
      await import(`/test/${file}`);
    }
    return collect();
  },
  worker() {
    return new Promise((resolve, reject) => {
      const worker = new Worker('/static-entry.js?worker', { type: 'module' });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) =>
        reject(new Error(`worker: ${event.message} ${event.filename ?? ''}`));
    });
  },
  async worklet() {
    const audio = new OfflineAudioContext(1, 128 * 16, 48000);
    await audio.audioWorklet.addModule('/static-entry.js?worklet');
    const node = new AudioWorkletNode(audio, 'tests');
    const answer = new Promise((resolve, reject) => {
      node.port.onmessage = ({ data }) => (data.file ? (current = data.file) : resolve(data));
      node.onprocessorerror = () => reject(new Error('processorerror'));
    });
    node.connect(audio.destination);
    const rendered = await audio.startRendering();
    const result = await answer;
    // The processor writes bytes made by the library into the audio: proof that it ran in process().
    if (rendered.getChannelData(0)[0] !== result.expectedSample) {
      result.failed++;
      result.messages.push('process() did not produce the expected sample');
    } else result.passed++;
    return result;
  },
};

for (const context of contexts) {
  let result;
  try {
    result = await within(60_000, run[context]());
  } catch (error) {
    result = broken(error);
  }
  await send(context, result);
}
