import { checkInteger } from '../core/checks.ts';
import type { CryptoCore } from '../crypto/index.ts';
import type { DatagramTransport, Endpoint, PathChannel } from '../transport/types.ts';
import type { CallEndReason, CallState, CallStep } from './call-events.ts';
import type { ResolvedOptions } from './call-options.ts';
import { MAX_ENDPOINTS } from './endpoints.ts';
import { badArgument, CallError } from './errors.ts';
import type { Agreement } from './handshake.ts';
import { MediaLink } from './media-link.ts';
import { asOwn, LOCAL_CODECS, ownAddresses, verifySetup } from './negotiation.ts';
import { type CallRole, otherRole } from './packet-options.ts';
import type { Path } from './paths/path.ts';
import { PathTexts } from './paths/path-texts.ts';
import { MAX_PATH_TEXT, type SealedMessage } from './sealed-messages.ts';
import { SealedSignalling } from './sealed-signalling.ts';
import { SteadyClock } from './steady-clock.ts';

/** What a session needs. */
export type CallSessionOptions = {
  readonly role: CallRole;
  readonly call: ResolvedOptions;
  readonly agreement: Agreement;
  sendSealed(data: Uint8Array): void;
  onAudio(data: Uint8Array): void;
  onRemoteMute(muted: boolean): void;
  onState(state: CallState): void;
  onStep(step: CallStep): void;
  onPath(path: Path): void;
  onTick(): void;
  onEnd(reason: CallEndReason, error: CallError): void;
};

/** Used where an endpoint needs no texts. */
const NO_CHANNEL: PathChannel = { send() {}, onMessage() {} };

/**
 * A call from the moment at which both ends hold the key: verifies under seal what was negotiated in
 * the open, opens the paths, and knows whether the peer is there.
 */
export class CallSession {
  readonly clock: SteadyClock;
  readonly link: MediaLink;
  readonly #options: CallSessionOptions;
  readonly #sealed: SealedSignalling;
  readonly #texts: Map<number, PathTexts> = new Map();
  #cancelTimer: (() => void) | undefined;
  #verified = false;
  #alive = false;
  #activeSince: number | undefined;
  #closed = false;

  constructor(crypto: CryptoCore, options: CallSessionOptions) {
    const { role, call, agreement } = options;
    const { key } = agreement;
    this.#options = options;
    this.clock = new SteadyClock(call.clock);
    this.#sealed = new SealedSignalling(crypto, {
      key,
      role,
      clock: this.clock,
      send: options.sendSealed,
      onMessage: (message) => this.#hear(message),
      onFault: (error) => this.#end('disconnect', error),
    });
    this.link = new MediaLink(crypto, {
      key,
      role,
      clock: this.clock,
      packetTimeoutMs: call.timeouts.packet,
      connect: (endpoint, id) => this.#connect(endpoint, id),
      onAudio: options.onAudio,
      onRemoteMute: options.onRemoteMute,
      onAlive: () => {
        this.#alive = true;
        this.#step('first-packet', otherRole(role), {});
        this.#activate();
      },
      onReconnecting: (lost) => {
        if (this.#activeSince !== undefined) options.onState(lost ? 'reconnecting' : 'active');
      },
      onLost: () => {
        const error = new CallError('connection-lost', 'no valid packet came any more');
        this.#end('disconnect', error);
      },
      onFault: (error) => this.#end('disconnect', error),
      onOpen: (path) => this.#opened(path),
      onActive: options.onPath,
      onTick: options.onTick,
    });
  }

  /** Ms since the call became active, 0 before. */
  get durationMs(): number {
    return this.#activeSince === undefined ? 0 : this.clock.now() - this.#activeSince;
  }

  /** Says what it has to say and opens the paths that are agreed already. */
  start(): void {
    const { call, agreement } = this.#options;
    const { said, choice } = agreement;
    this.#cancelTimer = this.clock.setTimer(call.timeouts.connect, () => this.#late());
    try {
      this.#sealed.send({
        type: 'Setup',
        offer: said.own,
        choice: said.choice,
        addresses: ownAddresses(call, choice),
        codecs: LOCAL_CODECS,
      });
    } catch (error) {
      this.#fail(error);
      return;
    }
    for (const [id, endpoint] of choice.endpoints.entries()) {
      const own = asOwn(endpoint, call);
      if (own.kind === 'relay') this.link.paths.add(own, id);
      else this.#texts.set(id, new PathTexts((round, text) => this.#sendText(id, round, text)));
    }
  }

  /** A sealed packet of the signalling came. */
  receiveSealed(data: Uint8Array): void {
    this.#sealed.receive(data);
  }

  /** Stops everything. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer?.();
    this.link.close();
    this.#sealed.close();
  }

  #step(name: CallStep['name'], from: CallRole, detail: CallStep['detail']): void {
    this.#options.onStep({ name, from, detail });
  }

  #end(reason: CallEndReason, error: CallError): void {
    if (!this.#closed) this.#options.onEnd(reason, error);
  }

  #fail(error: unknown): void {
    if (!(error instanceof CallError)) throw error;
    this.#end(error.code === 'downgrade' ? 'downgrade' : 'disconnect', error);
  }

  #hear(message: SealedMessage): void {
    if (this.#closed) return;
    if (message.type === 'Setup') this.#setUp(message);
    else if (this.#verified) this.#hearText(message);
    else {
      const text = 'the other side did not begin with its setup';
      this.#end('disconnect', new CallError('protocol-violation', text));
    }
  }

  #setUp(message: Extract<SealedMessage, { type: 'Setup' }>): void {
    const { agreement, call } = this.#options;
    const { said, choice } = agreement;
    if (this.#verified) {
      const text = 'the other side sent its setup twice';
      this.#end('disconnect', new CallError('protocol-violation', text));
      return;
    }
    try {
      verifySetup(message, { offer: said.peer, choice: said.choice }, choice);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#verified = true;
    this.#step('verified', this.#options.role, {});
    for (const id of this.#texts.keys()) {
      this.link.paths.add(asOwn(choice.endpoints[id]!, call), id);
    }
    for (const [i, address] of message.addresses.entries()) {
      this.link.paths.add(address, MAX_ENDPOINTS + i);
    }
    this.#activate();
  }

  #connect(endpoint: Endpoint, id: number): DatagramTransport | Promise<DatagramTransport> {
    const { call, role } = this.#options;
    const channel = this.#texts.get(id)?.next() ?? NO_CHANNEL;
    return call.connect(endpoint, role, { channel, p2p: call.p2p });
  }

  #opened({ endpoint }: Path): void {
    const address = 'host' in endpoint ? { host: endpoint.host, port: endpoint.port } : {};
    this.#step('connected', this.#options.role, { path: endpoint.kind, ...address });
  }

  #sendText(path: number, round: number, text: string): void {
    if (this.#closed) return;
    if (typeof text !== 'string') throw badArgument('"text" expected a string');
    checkInteger('text.length', text.length, 0, MAX_PATH_TEXT, badArgument);
    try {
      this.#sealed.send({ type: 'PathText', path, round, text });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      // A transport says this from its own timers and promises, and must not be closed under its feet.
      this.clock.setTimer(0, () => this.#fail(error));
    }
  }

  #hearText({ path, round, text }: Extract<SealedMessage, { type: 'PathText' }>): void {
    const texts = this.#texts.get(path);
    if (texts?.hear(round, text, this.clock.now())) this.link.paths.reopenOne(path);
  }

  #activate(): void {
    if (!this.#verified || !this.#alive || this.#closed) return;
    if (this.#activeSince !== undefined) return;
    this.#cancelTimer?.();
    this.#activeSince = this.clock.now();
    this.#options.onState('active');
  }

  /** Why the call did not come about, as exactly as this end can tell. */
  #late(): void {
    const { paths } = this.link.paths;
    const cause = paths.find(({ failure }) => failure !== undefined)?.failure;
    if (this.#alive) {
      this.#end('disconnect', new CallError('timeout', 'the sealed signalling did not arrive'));
    } else if (paths.length > 0 && paths.every(({ openedAt }) => openedAt === -Infinity)) {
      this.#end('disconnect', new CallError('connect-failed', 'no path opened', { cause }));
    } else {
      this.#end('disconnect', new CallError('timeout', 'no packet came at all', { cause }));
    }
  }
}
