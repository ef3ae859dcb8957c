import type { Clock } from '../core/clock.ts';
import type { RandomSource } from '../core/random.ts';
import { encodeUtf8 } from '../core/utf8.ts';
import type { Hmac } from '../crypto/index.ts';
import type { Address } from '../relay/address.ts';
import {
  ATTRIBUTE,
  addressOf,
  attributeOf,
  errorCodeOf,
  isStun,
  longTermKey,
  METHOD,
  numberOf,
  parseStun,
  type StunAttribute,
  type StunCodec,
  type StunMessage,
  textOf,
  uint32,
  xorAddress,
} from './stun.ts';
import { type IsGenuine, SERVER_PLAN, Transactions } from './stun-transactions.ts';

/** A TURN server and the credential for it. */
export type TurnServer = Address & {
  readonly username: string;
  readonly password: string;
};

/** What an allocation needs. */
export type TurnOptions = {
  readonly server: TurnServer;
  readonly codec: StunCodec;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Sends to the server. */
  send(data: Uint8Array): void;
  /** The allocation stands: its address, and own address as the server sees it. */
  onAllocated(relayed: Address, mapped: Address | null): void;
  /** A datagram of a peer; borrowed. */
  onData(data: Uint8Array, from: Address): void;
  /** There is no allocation, or not any more. Told once. */
  onLost(): void;
};

const UDP = 17;
/** Asked for; the server may give less (RFC 8656, 7.2). */
const LIFETIME_S = 600;
/** A permission lives 300 s, a channel 600 s (RFC 8656, 9 and 12). */
const PERMISSION_MS = 240_000;
const CHANNEL_MS = 540_000;
const FIRST_CHANNEL = 0x4000;
/** As many as candidates of the peer are looked at. */
const MAX_PEERS = 32;
/** Attempts of one request with ever newer nonces, or the first one. */
const MAX_ATTEMPTS = 3;

type Peer = {
  readonly address: Address;
  channel: number;
  /** Whether the server takes channel data for it. */
  bound: boolean;
  /** Datagrams may be sent: the permission is there. */
  permitted: boolean;
  readonly waiting: Uint8Array[];
  cancelPermission: (() => void) | undefined;
  cancelChannel: (() => void) | undefined;
};

const keyOf = ({ host, port }: Address): string => `${host} ${port}`;

/**
 * An allocation on a TURN server (RFC 8656) over UDP: permissions, channels, all of it kept alive until
 * `close()`. Without I/O: what arrives from the server goes into `receive`.
 */
export class TurnAllocation {
  readonly #options: TurnOptions;
  readonly #transactions: Transactions;
  readonly #peers: Map<string, Peer> = new Map();
  readonly #channels: Map<number, Peer> = new Map();
  #realm: string | undefined;
  #nonce: Uint8Array | undefined;
  #key: Hmac | undefined;
  #relayed: Address | undefined;
  #cancelRefresh: (() => void) | undefined;
  #closed = false;

  /** Asks for the allocation at once. */
  constructor(options: TurnOptions) {
    this.#options = options;
    this.#transactions = new Transactions(options.clock, options.random);
    const attributes: StunAttribute[] = [
      [ATTRIBUTE.requestedTransport, Uint8Array.of(UDP, 0, 0, 0)],
      [ATTRIBUTE.lifetime, uint32(LIFETIME_S)],
    ];
    this.#request(METHOD.allocate, attributes, (response) => this.#allocated(response));
  }

  /** Where peers send to; undefined before there is one. */
  get relayed(): Address | undefined {
    return this.#relayed;
  }

  /** Sends a datagram to a peer; a few are kept until the server permits it. */
  sendTo(data: Uint8Array, to: Address): void {
    const peer = this.#permit(to);
    if (!peer) return;
    if (!peer.permitted) {
      if (peer.waiting.length < 8) peer.waiting.push(Uint8Array.from(data));
      return;
    }
    if (peer.bound) {
      const frame = new Uint8Array(4 + data.length);
      new DataView(frame.buffer).setUint32(0, (peer.channel << 16) | data.length);
      frame.set(data, 4);
      this.#options.send(frame);
      return;
    }
    const { codec } = this.#options;
    const transactionId = this.#transactions.createId();
    const attributes: StunAttribute[] = [
      [ATTRIBUTE.xorPeerAddress, xorAddress(to, transactionId)],
      [ATTRIBUTE.data, data],
    ];
    const { send: method } = METHOD;
    this.#options.send(codec.encode({ method, kind: 'indication', transactionId, attributes }));
  }

  /** Lets datagrams to a peer travel with 4 bytes around them instead of 36. */
  bind(to: Address): void {
    const peer = this.#permit(to);
    if (peer?.channel !== 0) return;
    peer.channel = FIRST_CHANNEL + this.#channels.size;
    this.#channels.set(peer.channel, peer);
    this.#bindChannel(peer);
  }

  /** Takes in a datagram that came from the server; false when it is none of this allocation. */
  receive(data: Uint8Array): boolean {
    if (this.#closed) return false;
    if (!isStun(data)) return this.#channelData(data);
    const message = parseStun(data);
    if (!message) return false;
    if (message.kind === 'success' || message.kind === 'error') {
      return this.#transactions.answer(message, data, '');
    }
    if (message.kind !== 'indication' || message.method !== METHOD.data) return false;
    const from = addressOf(message, ATTRIBUTE.xorPeerAddress);
    const content = attributeOf(message, ATTRIBUTE.data);
    // The server lets in only hosts that were permitted, from any of their ports (RFC 8656, 9).
    if (from && content) this.#options.onData(content, from);
    return true;
  }

  /** Gives the allocation back, without waiting for an answer. Idempotent. */
  close(): void {
    if (this.#closed) return;
    if (this.#relayed) {
      const lifetime: StunAttribute[] = [[ATTRIBUTE.lifetime, uint32(0)]];
      this.#options.send(
        this.#encode(METHOD.refresh, this.#transactions.createId(), () => lifetime),
      );
    }
    this.#end();
  }

  #end(): void {
    this.#closed = true;
    this.#cancelRefresh?.();
    for (const peer of this.#peers.values()) {
      peer.cancelPermission?.();
      peer.cancelChannel?.();
    }
    this.#transactions.close();
    this.#key?.close();
  }

  #lose(): void {
    if (this.#closed) return;
    this.#end();
    this.#options.onLost();
  }

  /** Once there is a key, only who has it is believed, but for what asks for another one. */
  #isGenuine(message: StunMessage, data: Uint8Array): boolean {
    const code = message.kind === 'error' ? errorCodeOf(message) : 0;
    if (!this.#key || code === 401 || code === 438) return true;
    return this.#options.codec.verify(data, message, this.#key);
  }

  #encode(
    method: number,
    transactionId: Uint8Array,
    attributesFor: (transactionId: Uint8Array) => readonly StunAttribute[],
  ): Uint8Array {
    const { codec, server } = this.#options;
    const attributes = [...attributesFor(transactionId)];
    if (this.#key && this.#realm !== undefined && this.#nonce) {
      attributes.push(
        [ATTRIBUTE.username, encodeUtf8(server.username)],
        [ATTRIBUTE.realm, encodeUtf8(this.#realm)],
        [ATTRIBUTE.nonce, this.#nonce],
      );
    }
    return codec.encode({ method, kind: 'request', transactionId, attributes }, this.#key);
  }

  /** A request, repeated with what the server asks for; `done` hears its end, null without an answer. */
  #request(
    method: number,
    attributes: readonly StunAttribute[] | ((id: Uint8Array) => readonly StunAttribute[]),
    done: (response: StunMessage | null) => void,
    attempt = 1,
  ): void {
    const id = this.#transactions.createId();
    const attributesFor = typeof attributes === 'function' ? attributes : () => attributes;
    const request = this.#encode(method, id, attributesFor);
    const transmit = (): void => this.#options.send(request);
    const isGenuine: IsGenuine = (response, data) => this.#isGenuine(response, data);
    this.#transactions.start(id, transmit, SERVER_PLAN, isGenuine, (response) => {
      if (this.#closed) return;
      const code = response?.kind === 'error' ? errorCodeOf(response) : 0;
      const renew = code === 438 || (code === 401 && !this.#key);
      if (response && renew && attempt < MAX_ATTEMPTS && this.#adopt(response)) {
        this.#request(method, attributes, done, attempt + 1);
      } else done(response?.kind === 'success' ? response : null);
    });
  }

  /** Takes realm and nonce of a refusal. */
  #adopt(response: StunMessage): boolean {
    const realm = textOf(response, ATTRIBUTE.realm);
    const nonce = attributeOf(response, ATTRIBUTE.nonce);
    if (realm === undefined || !nonce || nonce.length > 763) return false;
    this.#nonce = Uint8Array.from(nonce);
    if (realm !== this.#realm) {
      const { server, codec } = this.#options;
      this.#realm = realm;
      this.#key?.close();
      const key = longTermKey(server.username, realm, server.password);
      this.#key = codec.createKey(key);
      key.fill(0);
    }
    return true;
  }

  #allocated(response: StunMessage | null): void {
    const relayed = response && addressOf(response, ATTRIBUTE.xorRelayedAddress);
    if (!relayed) {
      this.#lose();
      return;
    }
    this.#relayed = relayed;
    this.#refreshAfter(response);
    this.#options.onAllocated(relayed, addressOf(response, ATTRIBUTE.xorMappedAddress));
  }

  /** A minute before it runs out, or at half of a short life. */
  #refreshAfter(response: StunMessage): void {
    const lifetime = Math.min(numberOf(response, ATTRIBUTE.lifetime) ?? LIFETIME_S, 3600);
    const delay = Math.max(lifetime - 60, lifetime / 2, 1) * 1000;
    this.#cancelRefresh = this.#options.clock.setTimer(delay, () => {
      const attributes: StunAttribute[] = [[ATTRIBUTE.lifetime, uint32(LIFETIME_S)]];
      this.#request(METHOD.refresh, attributes, (answer) => {
        if (answer) this.#refreshAfter(answer);
        else this.#lose();
      });
    });
  }

  #permit(to: Address): Peer | undefined {
    const known = this.#peers.get(keyOf(to));
    if (known || this.#closed || this.#peers.size >= MAX_PEERS) return known;
    const peer: Peer = {
      address: to,
      channel: 0,
      bound: false,
      permitted: false,
      waiting: [],
      cancelPermission: undefined,
      cancelChannel: undefined,
    };
    this.#peers.set(keyOf(to), peer);
    this.#createPermission(peer);
    return peer;
  }

  #createPermission(peer: Peer): void {
    const attributes = (id: Uint8Array): StunAttribute[] => [
      [ATTRIBUTE.xorPeerAddress, xorAddress(peer.address, id)],
    ];
    this.#request(METHOD.createPermission, attributes, (response) => {
      if (!response) return; // refused: an address that this server does not serve
      peer.permitted = true;
      peer.cancelPermission = this.#options.clock.setTimer(PERMISSION_MS, () =>
        this.#createPermission(peer),
      );
      for (const data of peer.waiting.splice(0)) this.sendTo(data, peer.address);
    });
  }

  #bindChannel(peer: Peer): void {
    const attributes = (id: Uint8Array): StunAttribute[] => [
      [ATTRIBUTE.channelNumber, uint32(peer.channel << 16)],
      [ATTRIBUTE.xorPeerAddress, xorAddress(peer.address, id)],
    ];
    this.#request(METHOD.channelBind, attributes, (response) => {
      peer.bound = response !== null;
      if (!response) return; // indications go on to carry it
      peer.cancelChannel = this.#options.clock.setTimer(CHANNEL_MS, () => this.#bindChannel(peer));
    });
  }

  /** Padding may follow (RFC 8656, 12.5). */
  #channelData(data: Uint8Array): boolean {
    if (data.length < 4) return false;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const peer = this.#channels.get(view.getUint16(0));
    const length = view.getUint16(2);
    if (!peer || length > data.length - 4) return false;
    this.#options.onData(data.subarray(4, 4 + length), peer.address);
    return true;
  }
}
