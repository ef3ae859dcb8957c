/// <reference types="node" />
// Entry of the worker thread behind src/adapters/sync-codec.ts.
import { type MessagePort, workerData } from 'node:worker_threads';
import { OpusDecoder } from '../opus/decoder.ts';
import { OpusEncoder } from '../opus/encoder.ts';
import type { FrameMs } from '../opus/settings.ts';
import type { Reply, Request } from './sync-protocol.ts';

const { port, signal } = workerData as { port: MessagePort; signal: Int32Array };
const pairs = new Map<number, { encoder: OpusEncoder; decoder: OpusDecoder }>();

async function answer(request: Request): Promise<Uint8Array | Int16Array | undefined> {
  const { kind, id } = request;
  if (kind === 'open') {
    const { sampleRate, channels, application } = request;
    const decoder = await OpusDecoder.create({ sampleRate, channels });
    const encoder = await OpusEncoder.create({ sampleRate, channels, application });
    const former = pairs.get(id);
    former?.encoder.close();
    former?.decoder.close();
    pairs.set(id, { encoder, decoder });
    return undefined;
  }
  const { encoder, decoder } = pairs.get(id)!;
  if (kind === 'encode') {
    const { pcm } = request;
    const frameMs = (1000 * pcm.length) / encoder.channels / encoder.sampleRate;
    if (frameMs !== encoder.frameMs) encoder.frameMs = frameMs as FrameMs;
    return encoder.encode(pcm).slice();
  }
  if (kind === 'decode') {
    if (request.packet !== null) return decoder.decodeInt16(request.packet).slice();
    return decoder.concealInt16(decoder.lastPacketSamples || decoder.sampleRate / 50).slice();
  }
  if (kind === 'configure') {
    if (request.encoder) encoder.configure(request.encoder);
    if (request.decoder) decoder.configure(request.decoder);
    return undefined;
  }
  encoder.close();
  decoder.close();
  pairs.delete(id);
  return undefined;
}

let last = Promise.resolve();
port.on('message', (request: Request) => {
  last = last.then(async () => {
    let reply: Reply;
    try {
      reply = { data: await answer(request) };
    } catch (error) {
      const { code = 'internal', message } = error as { code?: string; message: string };
      reply = { code, message };
    }
    if (request.kind === 'close') return; // nobody waits for it
    port.postMessage(reply);
    Atomics.add(signal, 0, 1);
    Atomics.notify(signal, 0);
  });
});
