import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { opusDecoderStream, opusEncoderStream } from 'sottovoce/streams';
import { all, rejection } from '../support/ogg.js';
import { concat, snr, voice } from '../support/signals.js';

const streams = suite('streams');

/**
 * A web stream of these chunks.
 * @template T
 * @param {T[]} chunks
 * @returns {ReadableStream<T>}
 */
const from = (chunks) =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });

/** Not every browser can iterate a stream. @param {any} stream */
async function* chunks(stream) {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

streams('PCM to packets and back, through pipes', async () => {
  const pcm = voice(9600, 48_000, 2);
  const pieces = [pcm.subarray(0, 100), pcm.subarray(100, 5000), pcm.subarray(5000)];
  const packets = from(pieces).pipeThrough(
    opusEncoderStream({ channels: 2, application: 'audio', bitrate: 96_000 }),
  );
  const back = concat(await all(chunks(packets.pipeThrough(opusDecoderStream({ channels: 2 })))));
  assert.is(back.length, pcm.length);
  assert.ok(snr(pcm, back, 624) > 10);
});

streams('the last frame is filled up; s16 is taken; packets are owned', async () => {
  const stream = from([new Int16Array(1000)]).pipeThrough(opusEncoderStream());
  const packets = await all(chunks(stream));
  assert.is(packets.length, 2);
  assert.is.not(packets[0].buffer, packets[1].buffer);
});

streams('a lost packet is concealed', async () => {
  const packets = await all(chunks(from([voice(2880, 48_000)]).pipeThrough(opusEncoderStream())));
  const pcm = await all(
    chunks(from([null, packets[0], null, packets[2]]).pipeThrough(opusDecoderStream())),
  );
  assert.equal(
    pcm.map(({ length }) => length),
    [960, 960, 960, 960],
  );
});

streams('what is wrong errors the stream', async () => {
  const failing = async (input, stream) =>
    (await rejection(all(chunks(from([input]).pipeThrough(stream))))).code;
  assert.is(await failing('text', opusEncoderStream()), 'bad-argument');
  assert.is(await failing(Uint8Array.of(255), opusDecoderStream()), 'bad-packet');
  const options = /** @type {any} */ ({ channels: 9 });
  assert.is(await failing(new Float32Array(9), opusEncoderStream(options)), 'bad-argument');
  assert.throws(() => opusDecoderStream({ lostSamples: 0 }), /lostSamples/);
});

streams.run();
