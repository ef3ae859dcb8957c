// Threads of the demonstration and what the main thread waits for from them.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** @typedef {{ kind: string, [name: string]: any }} Message */

/** A worker that speaks in messages with a `kind`. */
export class Thread {
  /** @type {Worker} */
  worker;
  /** @type {Map<string, (message: any) => void>} */
  #handlers = new Map();
  /** @type {Map<string, Message[]>} */
  #unheard = new Map();
  #failed;
  /** @type {(error: Error) => void} */
  #fail = () => {};
  #ended = false;

  /**
   * @param {string} name of the file beside this one, and of the thread
   * @param {object} workerData
   * @param {import('node:worker_threads').Transferable[]} [transferList]
   */
  constructor(name, workerData, transferList = []) {
    this.worker = new Worker(new URL(`${name}.mjs`, import.meta.url), { workerData, transferList });
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => {}); // whoever waits for a message hears of it
    this.worker.on('message', (/** @type {Message} */ message) => {
      const handler = this.#handlers.get(message.kind);
      if (handler) handler(message);
      else this.#unheard.set(message.kind, [...(this.#unheard.get(message.kind) ?? []), message]);
    });
    this.worker.on('error', (error) => this.#fail(error));
    this.worker.on('exit', (code) => {
      this.#ended = true;
      this.#fail(new Error(`the ${name} left with code ${code}`));
    });
  }

  /** @param {string} kind @param {(message: any) => void} handler hears also what came before */
  on(kind, handler) {
    this.#handlers.set(kind, handler);
    for (const message of this.#unheard.get(kind) ?? []) handler(message);
    this.#unheard.delete(kind);
  }

  /**
   * The next message of a kind.
   * @param {string} kind
   * @returns {Promise<any>} rejects when the thread fails
   */
  next(kind) {
    const message = new Promise((resolve) =>
      this.on(kind, (value) => {
        this.#handlers.delete(kind);
        resolve(value);
      }),
    );
    return Promise.race([message, this.#failed]);
  }

  /** @param {Message} message */
  post(message) {
    this.worker.postMessage(message);
  }

  /**
   * Asks and waits for the answer, which has the same kind.
   * @param {Message} message
   * @returns {Promise<any>}
   */
  ask(message) {
    this.post(message);
    return this.next(message.kind);
  }

  /** Lets the thread close its sockets and files; after a second it has no choice. */
  async stop() {
    if (this.#ended) return;
    const left = once(this.worker, 'exit');
    this.post({ kind: 'stop' });
    const timer = setTimeout(() => this.worker.terminate(), 1000);
    await left;
    clearTimeout(timer);
  }
}
