import { checkFunction, checkMethods, checkOptions } from '../core/checks.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { fromHex } from '../core/hex.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import {
  encodeAck,
  encodeJoin,
  encodeMessage,
  MEMBER_BYTES,
  parseRoomFrame,
  TOKEN_BYTES,
} from '../core/room-frames.ts';
import {
  isWebSocketUrl,
  messageBytes,
  ownWebSocket,
  WEB_SOCKET_OPEN,
  type WebSocketConstructor,
  type WebSocketLike,
} from '../core/web-socket.ts';
import { badArgument, CallError } from './errors.ts';
import type { Signalling, SignallingMessage } from './signalling.ts';
import { decodeSignallingMessage, encodeSignallingMessage } from './signalling-bytes.ts';

/**
 * How signalling through a server is doing:
 * - `connecting`: there is no connection, or the room was not entered yet; it is tried again and again
 * - `joined`: what is sent reaches the server
 * - `refused`: the token is not good, or has expired
 * - `full`: two others are in the room
 * - `replaced`: the same member has joined from elsewhere
 * - `closed`: by `close()`
 * The last four are final.
 */
export type SignallingState = 'connecting' | 'joined' | 'refused' | 'full' | 'replaced' | 'closed';

/** Options of signalling by WebSocket. */
export type WebSocketSignallingOptions = {
  /** Default: the runtime's. Node 20 has none: give that of the package `ws`. */
  WebSocket?: WebSocketConstructor;
  /** Times new attempts. Default: the system's. */
  clock?: Clock;
  /** Draws the member's name. Default: the runtime's secure generator. */
  random?: RandomSource;
  /** Hears every change of state. */
  onState?(state: SignallingState): void;
};

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 8000;
/** A connection that is not in the room by then is given up. */
const JOIN_MS = 10_000;
/** Messages that wait for the server, or for a handler, at most. */
const MAX_WAITING = 64;
const FINAL: Readonly<Record<number, SignallingState>> = {
  4400: 'refused',
  4401: 'refused',
  4403: 'full',
  4409: 'replaced',
};

class WebSocketSignalling implements Signalling {
  readonly #url: string;
  readonly #join: Uint8Array<ArrayBuffer>;
  readonly #WebSocket: WebSocketConstructor;
  readonly #clock: Clock;
  readonly #onState: ((state: SignallingState) => void) | undefined;
  #socket: WebSocketLike | undefined;
  #state: SignallingState = 'connecting';
  #cancel: () => void = () => {};
  #attempts = 0;
  #handler: ((message: SignallingMessage) => void) | undefined;
  #unheard: SignallingMessage[] = [];
  /** Number of the last message sent, and of the last that came. */
  #sent = 0;
  #received = 0;
  #waiting: { number: number; data: Uint8Array }[] = [];

  constructor(
    url: string,
    join: Uint8Array<ArrayBuffer>,
    WebSocket: WebSocketConstructor,
    clock: Clock,
    onState: ((state: SignallingState) => void) | undefined,
  ) {
    this.#url = url;
    this.#join = join;
    this.#WebSocket = WebSocket;
    this.#clock = clock;
    this.#onState = onState;
    this.#connect();
  }

  send(message: SignallingMessage): void {
    if (this.#ended || this.#waiting.length >= MAX_WAITING) return;
    const data = encodeSignallingMessage(message);
    this.#waiting.push({ number: ++this.#sent, data });
    if (this.#state === 'joined') this.#put(encodeMessage(this.#sent, data));
  }

  onMessage(handler: (message: SignallingMessage) => void): void {
    checkFunction('handler', handler, badArgument);
    this.#handler = handler;
    const unheard = this.#unheard;
    this.#unheard = [];
    for (const message of unheard) handler(message);
  }

  close(): void {
    this.#end('closed');
  }

  get #ended(): boolean {
    return this.#state !== 'connecting' && this.#state !== 'joined';
  }

  #become(state: SignallingState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#onState?.(state);
  }

  #end(state: SignallingState): void {
    if (this.#ended) return;
    this.#drop();
    this.#handler = undefined;
    this.#unheard = [];
    this.#waiting = [];
    this.#become(state);
  }

  /** Leaves the connection, whatever state it is in. */
  #drop(): void {
    this.#cancel();
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.onerror = () => {};
    socket.close();
  }

  #connect(): void {
    let socket: WebSocketLike;
    try {
      socket = new this.#WebSocket(this.#url);
    } catch {
      this.#retry();
      return;
    }
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onerror = () => {}; // 'close' follows
    socket.onopen = () => this.#put(this.#join);
    socket.onclose = (event: { code?: number }) => {
      const state = FINAL[event?.code ?? 0];
      if (state) this.#end(state);
      else this.#retry();
    };
    socket.onmessage = (event) => {
      const bytes = messageBytes(event);
      if (bytes) this.#receive(bytes);
    };
    this.#cancel = this.#clock.setTimer(JOIN_MS, () => this.#retry());
  }

  #retry(): void {
    if (this.#ended) return;
    this.#drop();
    this.#become('connecting');
    const delay = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#attempts++, 10));
    this.#cancel = this.#clock.setTimer(delay, () => this.#connect());
  }

  #receive(bytes: Uint8Array): void {
    const frame = parseRoomFrame(bytes);
    if (frame?.kind === 'ack') {
      this.#waiting = this.#waiting.filter(({ number }) => number > frame.number);
      if (this.#state !== 'joined') this.#joined();
    } else if (frame?.kind === 'message' && frame.number <= this.#received + 1) {
      const isNew = frame.number === this.#received + 1;
      if (isNew) this.#received++;
      this.#put(encodeAck(this.#received));
      const message = isNew ? decodeSignallingMessage(frame.data) : null;
      if (message) this.#deliver(message);
    }
  }

  #joined(): void {
    this.#cancel();
    this.#attempts = 0;
    this.#become('joined');
    for (const { number, data } of this.#waiting) this.#put(encodeMessage(number, data));
  }

  #deliver(message: SignallingMessage): void {
    if (this.#handler) this.#handler(message);
    else if (this.#unheard.length < MAX_WAITING) this.#unheard.push(message);
  }

  #put(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#socket?.readyState === WEB_SOCKET_OPEN) this.#socket.send(frame);
  }
}

/**
 * Signalling through the rooms of `sottovoce relay --signalling`. A lost connection is made anew, and
 * what was not acknowledged is sent again: nothing is lost or doubled on the way. One object is for one
 * call. What the server sees is told in docs/operations.md.
 * @param url `wss:` or `ws:`, with the path `/signalling`
 * @param token by `createRoomToken`, the same for both ends
 * @throws {CallError} `bad-argument`, `not-supported` where there is no WebSocket
 * @throws {RandomError} where there is no secure generator
 * @example
 * const signalling = webSocketSignalling('wss://relay.example/signalling', token);
 * const call = await Call.outgoing({ signalling, endpoints, connect });
 */
export function webSocketSignalling(
  url: string,
  token: string,
  options: WebSocketSignallingOptions = {},
): Signalling {
  checkOptions(options, ['WebSocket', 'clock', 'random', 'onState'], badArgument);
  const { WebSocket = ownWebSocket(), clock = systemClock(), random = systemRandom } = options;
  const { onState } = options;
  if (!isWebSocketUrl(url)) {
    throw badArgument('"url" expected an address that begins with wss:// or ws://');
  }
  if (typeof token !== 'string' || !new RegExp(`^[0-9a-f]{${2 * TOKEN_BYTES}}$`, 'i').test(token)) {
    throw badArgument(`"token" expected ${2 * TOKEN_BYTES} hexadecimal digits`);
  }
  checkMethods('clock', clock, ['now', 'setTimer'], badArgument);
  checkFunction('random', random, badArgument);
  if (onState !== undefined) checkFunction('onState', onState, badArgument);
  if (WebSocket === undefined) {
    throw new CallError('not-supported', 'this runtime has no WebSocket: pass one');
  }
  checkFunction('WebSocket', WebSocket, badArgument);
  const member = new Uint8Array(MEMBER_BYTES);
  random(member);
  const join = encodeJoin(fromHex(token), member);
  return new WebSocketSignalling(url, join, WebSocket, clock, onState);
}
