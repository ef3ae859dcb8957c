/// <reference types="node" />
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { OpusError, type OpusErrorCode } from '../opus/errors.ts';
import type { DecoderSettings, EncoderFormat, EncoderSettings } from '../opus/settings.ts';
import type { Reply, Request } from './sync-protocol.ts';

/** Longest time to wait for an answer, in ms: loading takes some tens of ms, a frame less than one. */
const PATIENCE = 15_000;

type Thread = { readonly port: MessagePort; readonly signal: Int32Array };

let thread: Thread | undefined;
let nextId = 1;

/** Starts the one worker of this process, on first use. It keeps no process alive. */
function start(): Thread {
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./sync-worker.${extension}`, import.meta.url), {
    workerData: { port: port2, signal },
    transferList: [port2],
  });
  worker.on('error', () => {}); // whoever waits is told by the time that passes
  worker.on('exit', () => (thread = undefined));
  worker.unref();
  port1.unref();
  return { port: port1, signal };
}

/** Sends a request and blocks until the answer is there. */
function ask(request: Request): Uint8Array | Int16Array | undefined {
  thread ??= start();
  const { port, signal } = thread;
  const before = Atomics.load(signal, 0);
  port.postMessage(request);
  if (Atomics.wait(signal, 0, before, PATIENCE) === 'timed-out') {
    thread = undefined;
    throw new OpusError('internal', 'the codec does not answer');
  }
  const reply = receiveMessageOnPort(port)?.message as Reply;
  if ('code' in reply) throw new OpusError(reply.code as OpusErrorCode, reply.message);
  return reply.data;
}

let collected: FinalizationRegistry<number> | undefined;

/**
 * Encoder and decoder that exist at once, as the peers' do. The codec lives in a worker
 * thread, because making one is asynchronous in this package, and every call waits for its answer (Node,
 * Deno, Bun). Memory is freed by `close` or with the object.
 */
export class SyncCodec {
  readonly #id = nextId++;
  #format: EncoderFormat;
  #used = false;
  #closed = false;

  constructor(format: EncoderFormat) {
    this.#format = format;
    ask({ kind: 'open', id: this.#id, ...format });
    collected ??= new FinalizationRegistry((id) => thread?.port.postMessage({ kind: 'close', id }));
    collected.register(this, this.#id, this);
  }

  get format(): EncoderFormat {
    return this.#format;
  }

  encode(pcm: Int16Array): Uint8Array {
    this.#live();
    this.#used = true;
    return ask({ kind: 'encode', id: this.#id, pcm }) as Uint8Array;
  }

  decode(packet: Uint8Array | null): Int16Array {
    this.#live();
    return ask({ kind: 'decode', id: this.#id, packet }) as Int16Array;
  }

  configureEncoder(encoder: Partial<EncoderSettings>): void {
    this.#live();
    ask({ kind: 'configure', id: this.#id, encoder });
  }

  configureDecoder(decoder: Partial<DecoderSettings>): void {
    this.#live();
    ask({ kind: 'configure', id: this.#id, decoder });
  }

  /** As in libopus: only before the first frame. */
  set application(application: EncoderFormat['application']) {
    this.#live();
    if (this.#used) {
      throw new OpusError(
        'not-supported',
        'the application can be set only before the first frame',
      );
    }
    this.#format = { ...this.#format, application };
    ask({ kind: 'open', id: this.#id, ...this.#format });
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    collected?.unregister(this);
    thread?.port.postMessage({ kind: 'close', id: this.#id } satisfies Request);
  }

  #live(): void {
    if (this.#closed) throw new OpusError('released', 'the codec was deleted');
  }
}
