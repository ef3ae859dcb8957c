import { toHex } from '../core/hex.ts';
import type { CryptoCore, SharedKey } from '../crypto/index.ts';
import type { Endpoint } from '../transport/types.ts';
import type { CallState, CallStep } from './call-events.ts';
import type { ResolvedOptions } from './call-options.ts';
import type { EmojiFingerprint } from './emoji.ts';
import { CallError } from './errors.ts';
import { CalleeExchange, CallerExchange } from './key-exchange.ts';
import {
  answerEndpoints,
  choosePath,
  chooseVersion,
  LIBRARY_VERSION,
  localProtocol,
  type Path,
} from './negotiation.ts';
import type { CallRole } from './packet-options.ts';
import type { DiscardReason, SignallingMessage } from './signalling.ts';

/** What both ends have agreed on. */
export type Agreement = {
  /** Belongs to the handshake, and is wiped when that is closed. */
  readonly key: SharedKey;
  readonly keyFingerprint: bigint;
  readonly emojis: EmojiFingerprint;
  /** What this end connects to. */
  readonly endpoint: Endpoint;
};

/** What a handshake tells its call. */
export type HandshakeEvents = {
  onState(state: CallState): void;
  onStep(step: CallStep): void;
  onAgreed(agreement: Agreement): void;
  /** The call has to end. `by` the peer: it has said so; else it has to be told. */
  onEnd(reason: DiscardReason, by: CallRole, error?: CallError): void;
};

type Message<Type extends SignallingMessage['type']> = Extract<SignallingMessage, { type: Type }>;

/** 64 random bits. */
function drawCallId(random: (target: Uint8Array) => void): bigint {
  const bytes = new Uint8Array(8);
  random(bytes);
  return new DataView(bytes.buffer).getBigUint64(0);
}

/**
 * Sets a call up over signalling: the committed key exchange with its negotiation and its timers, as
 * one state machine for each role (calls, sections 2 and 5). Messages of another call, and those
 * that do not fit the state, are ignored.
 */
export class Handshake {
  readonly #role: CallRole;
  readonly #peer: CallRole;
  readonly #options: ResolvedOptions;
  readonly #events: HandshakeEvents;
  readonly #exchange: CallerExchange | CalleeExchange;
  #state: CallState = 'idle';
  #callId: bigint | undefined;
  #offer: Message<'request'> | undefined;
  #path: Path | undefined;
  #cancelTimer: (() => void) | undefined;

  /** @throws {CallError} `bad-dh-config`, `bad-argument` */
  constructor(
    role: CallRole,
    crypto: CryptoCore,
    options: ResolvedOptions,
    events: HandshakeEvents,
  ) {
    const { dh, random, signalling } = options;
    this.#role = role;
    this.#peer = role === 'caller' ? 'callee' : 'caller';
    this.#options = options;
    this.#events = events;
    const Exchange = role === 'caller' ? CallerExchange : CalleeExchange;
    this.#exchange = new Exchange(crypto, { ...dh, random });
    signalling.onMessage((message) => this.#hear(message));
  }

  /** The caller's first step. */
  request(): void {
    if (!(this.#exchange instanceof CallerExchange) || this.#state !== 'idle') {
      throw new CallError('out-of-order', '"start" expected an outgoing call that was not started');
    }
    const { endpoints = [], random, timeouts } = this.#options;
    this.#callId = drawCallId(random);
    const { gAHash } = this.#exchange.request();
    this.#step('commitment', this.#role, { gAHash: toHex(gAHash) });
    this.#enter('requesting', timeouts.receive, 'missed');
    this.#send({
      type: 'request',
      callId: this.#callId,
      gAHash,
      protocol: localProtocol(endpoints),
      endpoints,
    });
  }

  /** The callee's consent. */
  accept(): void {
    const { endpoints, timeouts } = this.#options;
    const offer = this.#offer;
    if (!(this.#exchange instanceof CalleeExchange) || this.#state !== 'incoming' || !offer) {
      throw new CallError('out-of-order', '"accept" expected an incoming call that waits for it');
    }
    const { gB } = this.#exchange.accept();
    this.#step('public-value', this.#role, { gB: toHex(gB), bytes: gB.length });
    this.#enter('exchanging', timeouts.receive, 'disconnect');
    this.#send({
      type: 'accept',
      callId: offer.callId,
      gB,
      protocol: localProtocol(endpoints),
      endpoints: answerEndpoints(offer.endpoints, endpoints),
    });
  }

  /** Tells the peer that the call is over, if it knows of a call. */
  discard(reason: DiscardReason, duration: number): void {
    if (this.#callId === undefined) return;
    this.#send({ type: 'discard', callId: this.#callId, reason, duration });
  }

  /** What to tell the peer when the user hangs up now (calls, section 6). */
  get hangUpReason(): DiscardReason {
    if (this.#state === 'incoming') return 'busy';
    return this.#state === 'requesting' || this.#state === 'ringing' ? 'missed' : 'hangup';
  }

  /** Ends the exchange and wipes what it held, the key included. Idempotent. */
  close(): void {
    this.#state = 'ended';
    this.#cancelTimer?.();
    this.#exchange.close();
  }

  #send(message: SignallingMessage): void {
    this.#options.signalling.send(message);
  }

  #step(name: CallStep['name'], from: CallRole, detail: CallStep['detail']): void {
    this.#events.onStep({ name, from, detail });
  }

  #enter(state: CallState, timeoutMs: number, reason: DiscardReason): void {
    this.#state = state;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.setTimer(timeoutMs, () => {
      const error = new CallError('timeout', `the other side did not answer while ${state}`);
      this.#events.onEnd(reason, this.#role, error);
    });
    this.#events.onState(state);
  }

  #hear(message: SignallingMessage): void {
    if (this.#state === 'ended') return;
    const first = message.type === 'request' && this.#callId === undefined;
    if (!first && message.callId !== this.#callId) return;
    if (message.type === 'discard') {
      this.#events.onEnd(message.reason, this.#peer);
      return;
    }
    try {
      if (this.#exchange instanceof CallerExchange) this.#hearAsCaller(message, this.#exchange);
      else this.#hearAsCallee(message, this.#exchange);
    } catch (error) {
      // A check of the exchange or the negotiation failed: nothing of it is used (calls, section 2).
      if (!(error instanceof CallError)) throw error;
      this.#events.onEnd('disconnect', this.#role, error);
    }
  }

  #hearAsCaller(message: SignallingMessage, exchange: CallerExchange): void {
    const waiting = this.#state === 'requesting';
    if (message.type === 'ringing' && waiting) {
      this.#step('ringing', this.#peer, {});
      this.#enter('ringing', this.#options.timeouts.ring, 'missed');
    } else if (message.type === 'accept' && (waiting || this.#state === 'ringing')) {
      this.#accepted(message, exchange);
    }
  }

  #accepted(message: Message<'accept'>, exchange: CallerExchange): void {
    const { endpoints = [], timeouts } = this.#options;
    const { callId, gB } = message;
    this.#step('public-value', this.#peer, { gB: toHex(gB), bytes: gB.length });
    this.#enter('exchanging', timeouts.receive, 'disconnect');
    const protocol = localProtocol(endpoints);
    const version = chooseVersion(protocol, message.protocol);
    const path = choosePath(endpoints, message.endpoints);
    this.#negotiated(version, path);
    const { gA, keyFingerprint } = exchange.accept(gB);
    this.#step('reveal', this.#role, { gA: toHex(gA), bytes: gA.length });
    this.#send({
      type: 'confirm',
      callId,
      gA,
      keyFingerprint,
      protocol: { ...protocol, libraryVersions: [version] },
      endpoints: [path.callee],
    });
    this.#agreed(keyFingerprint, path.caller);
  }

  #hearAsCallee(message: SignallingMessage, exchange: CalleeExchange): void {
    if (message.type === 'request' && this.#state === 'idle') {
      this.#requested(message, exchange);
    } else if (message.type === 'confirm' && this.#state === 'exchanging') {
      this.#confirmed(message, exchange);
    } else if (message.type === 'accept') {
      // Only a caller can be answered (calls, section 5).
      throw new CallError('out-of-order', 'an acceptance came to the called side');
    }
  }

  #requested(message: Message<'request'>, exchange: CalleeExchange): void {
    const { timeouts, endpoints } = this.#options;
    this.#callId = message.callId;
    this.#offer = message;
    exchange.requested(message.gAHash);
    this.#step('commitment', this.#peer, { gAHash: toHex(message.gAHash) });
    // What cannot work later need not ring.
    const local = localProtocol(endpoints);
    const version = chooseVersion(message.protocol, local);
    this.#path = choosePath(message.endpoints, answerEndpoints(message.endpoints, endpoints));
    this.#negotiated(version, this.#path);
    this.#step('ringing', this.#role, {});
    this.#send({ type: 'ringing', callId: message.callId });
    this.#enter('incoming', timeouts.ring, 'missed');
  }

  #confirmed(message: Message<'confirm'>, exchange: CalleeExchange): void {
    const { gA, keyFingerprint, protocol } = message;
    this.#step('reveal', this.#peer, { gA: toHex(gA), bytes: gA.length });
    exchange.confirm(gA, keyFingerprint);
    this.#step('commitment-verified', this.#role, {});
    if (protocol.libraryVersions[0] !== LIBRARY_VERSION) {
      throw new CallError(
        'unsupported-protocol',
        'the caller chose a version that was not offered',
      );
    }
    this.#agreed(keyFingerprint, this.#path!.callee);
  }

  #negotiated(version: string, path: Path): void {
    const { kind } = path.caller;
    this.#step('negotiated', this.#role, { version, path: kind });
  }

  #agreed(keyFingerprint: bigint, endpoint: Endpoint): void {
    const { sharedKey } = this.#exchange;
    const emojis = this.#exchange.emojis();
    this.#cancelTimer?.();
    this.#state = 'ready';
    this.#step('key', this.#role, {
      keyFingerprint: keyFingerprint.toString(),
      emojis: emojis.join(' '),
    });
    this.#events.onAgreed({ key: sharedKey, keyFingerprint, emojis, endpoint });
  }
}
