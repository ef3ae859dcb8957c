import { toHex } from '../core/hex.ts';
import type { CryptoCore, SharedKey } from '../crypto/index.ts';
import type { CallEndReason, CallState, CallStep } from './call-events.ts';
import type { ResolvedOptions } from './call-options.ts';
import type { EmojiFingerprint } from './emoji.ts';
import { CallError } from './errors.ts';
import { CalleeExchange, CallerExchange } from './key-exchange.ts';
import {
  answerTerms,
  type Choice,
  choiceTerms,
  choose,
  LIBRARY_VERSION,
  offerTerms,
  sameTerms,
} from './negotiation.ts';
import { type CallRole, otherRole } from './packet-options.ts';
import type { Terms } from './sealed-messages.ts';
import type { DiscardReason, SignallingMessage } from './signalling.ts';

/** What both ends have agreed on. */
export type Agreement = {
  /** Belongs to the handshake, and is wiped when that is closed. */
  readonly key: SharedKey;
  readonly keyFingerprint: bigint;
  readonly emojis: EmojiFingerprint;
  readonly choice: Choice;
  /** What was said in the open: by this end, by the other one, and the caller's choice. */
  readonly said: { readonly own: Terms; readonly peer: Terms; readonly choice: Terms };
};

/** What a handshake tells its call. */
export type HandshakeEvents = {
  onState(state: CallState): void;
  onStep(step: CallStep): void;
  onAgreed(agreement: Agreement): void;
  /** A sealed packet of this call; it may come before the key is agreed. */
  onSealed(data: Uint8Array): void;
  /** The call has to end. `by` the peer: it has said so; else it has to be told. */
  onEnd(reason: CallEndReason, by: CallRole, error?: CallError): void;
};

type Message<Type extends SignallingMessage['type']> = Extract<SignallingMessage, { type: Type }>;

/** How a call ends by a failed check: somebody may be in the middle. */
function reasonOf({ code }: CallError): CallEndReason {
  switch (code) {
    case 'commitment-mismatch':
    case 'public-value-out-of-range':
    case 'fingerprint-mismatch':
      return 'key-exchange';
    case 'downgrade':
      return 'downgrade';
    default:
      return 'disconnect';
  }
}

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
  /** What the caller has offered, and what the callee answers. */
  #offer: Terms | undefined;
  #answer: Terms | undefined;
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
    this.#peer = otherRole(role);
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
    const { random, timeouts } = this.#options;
    this.#callId = drawCallId(random);
    this.#offer = offerTerms(this.#options);
    const { gAHash } = this.#exchange.request();
    if (!this.#step('commitment', this.#role, { gAHash: toHex(gAHash) })) return;
    if (!this.#enter('requesting', timeouts.receive, 'missed')) return;
    this.#send({ type: 'request', callId: this.#callId, gAHash, ...this.#offer });
  }

  /** The callee's consent. */
  accept(): void {
    const answer = this.#answer;
    if (!(this.#exchange instanceof CalleeExchange) || this.#state !== 'incoming' || !answer) {
      throw new CallError('out-of-order', '"accept" expected an incoming call that waits for it');
    }
    const { gB } = this.#exchange.accept();
    if (!this.#step('public-value', this.#role, { gB: toHex(gB), bytes: gB.length })) return;
    if (!this.#enter('exchanging', this.#options.timeouts.receive, 'disconnect')) return;
    this.#send({ type: 'accept', callId: this.#callId!, gB, ...answer });
  }

  /** Hands a sealed packet to the carrier. */
  sendSealed(data: Uint8Array): void {
    this.#trySend({ type: 'signaling-data', callId: this.#callId!, data });
  }

  /** Tells the peer that the call is over, if it knows of a call. */
  discard(reason: DiscardReason, duration: number): void {
    if (this.#callId === undefined) return;
    this.#trySend({ type: 'discard', callId: this.#callId, reason, duration });
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

  /**
   * A carrier that refuses has lost it: sealed packets are sent again, what else is missing ends in a
   * timeout, and an end is an end.
   */
  #trySend(message: SignallingMessage): void {
    try {
      this.#send(message);
    } catch {}
  }

  #send(message: SignallingMessage): void {
    this.#options.signalling.send(message);
  }

  /** A handler, or a carrier that delivers at once, may have ended the call meanwhile. */
  get #ended(): boolean {
    return this.#state === 'ended';
  }

  /** @returns false when a handler has ended the call: nothing more may be done */
  #step(name: CallStep['name'], from: CallRole, detail: CallStep['detail']): boolean {
    this.#events.onStep({ name, from, detail });
    return !this.#ended;
  }

  /** @returns false when the call is over: nothing more may be done */
  #enter(state: CallState, timeoutMs: number, reason: DiscardReason): boolean {
    if (this.#ended) return false;
    this.#state = state;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.setTimer(timeoutMs, () => {
      const error = new CallError('timeout', `the other side did not answer while ${state}`);
      this.#events.onEnd(reason, this.#role, error);
    });
    this.#events.onState(state);
    return !this.#ended;
  }

  #hear(message: SignallingMessage): void {
    if (this.#ended) return;
    const first = message.type === 'request' && this.#callId === undefined;
    if (!first && message.callId !== this.#callId) return;
    if (message.type === 'discard') {
      this.#events.onEnd(message.reason, this.#peer);
      return;
    }
    if (message.type === 'signaling-data') {
      this.#events.onSealed(message.data);
      return;
    }
    try {
      if (this.#exchange instanceof CallerExchange) this.#hearAsCaller(message, this.#exchange);
      else this.#hearAsCallee(message, this.#exchange);
    } catch (error) {
      // A check of the exchange or the negotiation failed: nothing of it is used (calls, section 2).
      if (!(error instanceof CallError)) throw error;
      this.#events.onEnd(reasonOf(error), this.#role, error);
    }
  }

  #hearAsCaller(message: SignallingMessage, exchange: CallerExchange): void {
    const waiting = this.#state === 'requesting';
    if (message.type === 'ringing' && waiting) {
      if (!this.#step('ringing', this.#peer, {})) return;
      this.#enter('ringing', this.#options.timeouts.ring, 'missed');
    } else if (message.type === 'accept' && (waiting || this.#state === 'ringing')) {
      this.#accepted(message, exchange);
    }
  }

  #accepted(message: Message<'accept'>, exchange: CallerExchange): void {
    const { callId, gB } = message;
    const own = this.#offer!;
    const peer = termsOf(message);
    if (!this.#step('public-value', this.#peer, { gB: toHex(gB), bytes: gB.length })) return;
    if (!this.#enter('exchanging', this.#options.timeouts.receive, 'disconnect')) return;
    const choice = choose(own, peer);
    if (!this.#negotiated(choice)) return;
    const { gA, keyFingerprint } = exchange.accept(gB);
    if (!this.#step('reveal', this.#role, { gA: toHex(gA), bytes: gA.length })) return;
    const chosen = choiceTerms(own.protocol, choice);
    this.#trySend({ type: 'confirm', callId, gA, keyFingerprint, ...chosen });
    this.#agreed(keyFingerprint, choice, { own, peer, choice: chosen });
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
    this.#callId = message.callId;
    this.#offer = termsOf(message);
    exchange.requested(message.gAHash);
    if (!this.#step('commitment', this.#peer, { gAHash: toHex(message.gAHash) })) return;
    this.#answer = answerTerms(message.endpoints, this.#options);
    // What cannot work later need not ring.
    if (!this.#negotiated(choose(this.#offer, this.#answer))) return;
    if (!this.#step('ringing', this.#role, {})) return;
    this.#trySend({ type: 'ringing', callId: message.callId });
    this.#enter('incoming', this.#options.timeouts.ring, 'missed');
  }

  #confirmed(message: Message<'confirm'>, exchange: CalleeExchange): void {
    const { gA, keyFingerprint } = message;
    if (!this.#step('reveal', this.#peer, { gA: toHex(gA), bytes: gA.length })) return;
    exchange.confirm(gA, keyFingerprint);
    if (!this.#step('commitment-verified', this.#role, {})) return;
    const [own, peer] = [this.#answer!, this.#offer!];
    if (message.protocol.libraryVersions[0] !== LIBRARY_VERSION) {
      const text = 'the caller chose a version that was not offered';
      throw new CallError('unsupported-protocol', text);
    }
    const choice = choose(peer, own);
    const said = termsOf(message);
    // Both ends choose by the same rule: a caller that chooses otherwise, or whose choice was changed.
    if (!sameTerms(said, choiceTerms(peer.protocol, choice))) {
      throw new CallError('downgrade', 'the choice is not the one that the two ends lead to');
    }
    this.#agreed(keyFingerprint, choice, { own, peer, choice: said });
  }

  #negotiated({ version, endpoints, direct }: Choice): boolean {
    const path = endpoints[0]?.kind ?? 'direct';
    const paths = endpoints.length + (direct ? 1 : 0);
    return this.#step('negotiated', this.#role, { version, path, paths });
  }

  #agreed(keyFingerprint: bigint, choice: Choice, said: Agreement['said']): void {
    if (this.#ended) return;
    const { sharedKey } = this.#exchange;
    const emojis = this.#exchange.emojis();
    this.#cancelTimer?.();
    this.#state = 'connecting';
    const detail = { keyFingerprint: keyFingerprint.toString(), emojis: emojis.join(' ') };
    if (!this.#step('key', this.#role, detail)) return;
    this.#events.onAgreed({ key: sharedKey, keyFingerprint, emojis, choice, said });
  }
}

function termsOf({ protocol, endpoints }: Terms): Terms {
  return { protocol, endpoints };
}
