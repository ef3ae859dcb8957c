import { checkBytes, checkFunction, checkInteger, checkMethods } from '../core/checks.ts';
import type { CryptoCore, PacketBuffer, SharedKey } from '../crypto/index.ts';
import { Deliveries, DueAcks, Unacknowledged } from './acknowledgements.ts';
import { encodeEntry, type Entry, HEADER_BYTES, parseBody } from './body.ts';
import { badArgument, CallError } from './errors.ts';
import { messageId } from './message-codec.ts';
import { type CallMessage, wantsAck } from './messages.ts';
import {
  checkPacketOptions,
  type DropCounts,
  otherRole,
  type PacketConnectionOptions,
  type PacketStats,
  packetOffset,
} from './packet-options.ts';
import { ReplayWindow } from './replay-window.ts';
import { counterOf, MAX_COUNTER, makeWord, needsAck } from './sequence-word.ts';
import { type ServiceCause, ServiceTimers } from './service-timers.ts';

const MSG_KEY_BYTES = 16;
const WORD_BYTES = 4;
const MIN_PACKET_BYTES = 21;
const MAX_PACKET_BYTES = 131_072;

/** The largest sealed packet that is sent: an Ethernet frame less TURN's overhead; the server's limit. */
const MAX_SENT_BYTES = { transport: 1452, signaling: 16_384 } as const;

/** A message is not resent sooner than this. */
const MIN_RESEND_MS = { transport: 300, signaling: 3000 } as const;

/** A frame of voice on its way out. @internal */
export type VoiceFrame = {
  /** Writes what stands before the voice, and returns its length. */
  writeHead(target: Uint8Array): number;
  /** Writes the voice; 0 for silence. */
  encode(target: Uint8Array): number;
  /** Writes the voice behind the first `head` bytes of the body and seals it; null for silence. */
  encodeAndSeal(buffer: PacketBuffer, key: SharedKey, x: number, head: number): Uint8Array | null;
};

/**
 * One sealed channel between the two ends of a call: numbers, seals and acknowledges messages, opens
 * packets, refuses what is not new, and resends what was not acknowledged. It does no I/O: packets
 * leave through `onPacket` and come in through `receive`.
 *
 * Packets are built and opened in WebAssembly memory: 128 KiB to receive, one packet to send. Never
 * make two connections of the same role and channel with one key: their counters would repeat.
 *
 * @example
 * const connection = new PacketConnection(crypto, {
 *   key: exchange.sharedKey,
 *   role: 'caller',
 *   channel: 'transport',
 *   mode: 'typed',
 *   clock: systemClock(),
 *   onPacket: (packet) => transport.send(packet),
 *   onMessage: (message) => show(message.type),
 * });
 * transport.onDatagram((packet) => connection.receive(packet));
 * connection.send({ type: 'remoteMediaState', audio: 1, video: 0 });
 */
export class PacketConnection {
  readonly #options: PacketConnectionOptions;
  readonly #limit: number;
  readonly #sealOffset: number;
  readonly #openOffset: number;
  readonly #outgoing: PacketBuffer;
  readonly #incoming: PacketBuffer;
  readonly #window: ReplayWindow = new ReplayWindow();
  readonly #dueAcks: DueAcks = new DueAcks();
  readonly #deliveries: Deliveries = new Deliveries();
  readonly #unacknowledged: Unacknowledged;
  readonly #timers: ServiceTimers;
  readonly #drops: DropCounts = { size: 0, key: 0, replay: 0, body: 0 };
  #counter: number;
  #sent = 0;
  #received = 0;
  #bytesSent = 0;
  #bytesReceived = 0;
  #roundTripMs: number | null = null;
  #busy = false;
  #closed = false;

  /** @throws {CallError} `bad-argument` */
  constructor(crypto: CryptoCore, options: PacketConnectionOptions) {
    checkMethods('crypto', crypto, ['createPacketBuffer'], badArgument);
    checkPacketOptions(options);
    const { role, channel, lastCounter = 0 } = options;
    this.#options = options;
    this.#sealOffset = packetOffset(channel, role);
    this.#openOffset = packetOffset(channel, otherRole(role));
    this.#limit = MAX_SENT_BYTES[channel] - MSG_KEY_BYTES;
    this.#unacknowledged = new Unacknowledged(MIN_RESEND_MS[channel]);
    this.#counter = lastCounter;
    this.#outgoing = crypto.createPacketBuffer(this.#limit);
    this.#incoming = crypto.createPacketBuffer(MAX_PACKET_BYTES - MSG_KEY_BYTES);
    this.#timers = new ServiceTimers(options.clock, channel, (cause) => this.#ring(cause));
  }

  /** Counters so far, owned. */
  get stats(): PacketStats {
    const { size, key, replay, body } = this.#drops;
    return {
      sent: this.#sent,
      received: this.#received,
      dropped: size + key + replay + body,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
    };
  }

  /**
   * Milliseconds from sending the last message that was acknowledged at its first attempt to the
   * acknowledgement; null before there was one.
   */
  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  /** Own messages that the other side has not acknowledged yet. */
  get unacknowledged(): number {
    return this.#unacknowledged.size;
  }

  /** @internal */
  get drops(): Readonly<DropCounts> {
    return this.#drops;
  }

  /**
   * Seals one message and hands the packet over. Messages that need it are kept and repeated until
   * they are acknowledged.
   * @throws {CallError} `bad-argument`, `too-long` (more than 1452 bytes of sealed packet, 16384 when
   *   signalling), `too-many-unacknowledged`, `counter-exhausted`, `released`
   */
  send(message: CallMessage): void {
    this.#checkOpen();
    const { mode, clock } = this.#options;
    if (typeof message !== 'object' || message === null) {
      throw badArgument(`"message" expected an object, got ${typeof message}`);
    }
    this.#checkType(message.type);
    if (mode === 'plain') {
      this.#sendPlain((message as { data: Uint8Array }).data);
      return;
    }
    const acked = this.#wantsAck(message.type);
    const waiting = this.#unacknowledged.size > 0;
    if (acked && this.#unacknowledged.full) {
      throw new CallError('too-many-unacknowledged', 'too many messages were not acknowledged');
    }
    // A probe stands alone: it may go where nothing arrives, and must not take others along.
    const alone = message.type === 'pathProbe';
    const single = alone || (!acked && !waiting && this.#dueAcks.size === 0);
    const word = makeWord(this.#nextCounter(), acked, single);
    const bytes = encodeEntry(word, message);
    this.#counter++;
    // What is repeated rides behind an empty message: together they have to fit.
    this.#checkFits(bytes.length, acked ? this.#limit - HEADER_BYTES : this.#limit);
    if (acked && waiting) {
      // Behind the older ones, in order, in one packet as far as it fits.
      this.#unacknowledged.add(word, bytes, null);
      this.#unacknowledged.hurry();
      this.service(0);
      return;
    }
    this.#outgoing.body.set(bytes);
    const length = alone ? bytes.length : this.#append(bytes.length);
    if (acked) {
      this.#unacknowledged.add(word, bytes, clock.now());
      this.#timers.startResend(); // also for a lone message: nothing else might ever be sent
    }
    this.#seal(length);
  }

  /**
   * Sends an RTP packet that `write` puts straight into the packet body: no copy. `write` gets a
   * *borrowed* view on the room there is (at least 1427 bytes less what acknowledgements need) and
   * returns the number of bytes it wrote; 0 sends nothing. It must not call this connection.
   * @throws {CallError} `bad-argument` also on the signalling channel, `counter-exhausted`, `released`
   */
  sendAudio(write: (target: Uint8Array) => number): void {
    this.#checkOpen();
    checkFunction('write', write, badArgument);
    const { mode, channel } = this.#options;
    if (channel !== 'transport') throw badArgument('"channel" expected "transport" for audio');
    const single = this.#dueAcks.size === 0 && this.#unacknowledged.size === 0;
    const word = makeWord(this.#nextCounter(), false, single);
    const lengthBytes = mode === 'raw' ? 4 : single ? 0 : 2;
    const start = HEADER_BYTES + lengthBytes;
    const target = this.#outgoing.body.subarray(start, this.#limit);
    let written: number;
    this.#busy = true;
    try {
      written = write(target);
    } finally {
      this.#busy = false;
    }
    checkInteger('write()', written, 0, target.length, badArgument);
    if (written === 0 || this.#closed) return;
    this.#counter++;
    const { body } = this.#outgoing;
    putWord(body, 0, word);
    body[WORD_BYTES] = messageId(mode === 'raw' ? 'raw' : 'audioData');
    for (let i = 1; i <= lengthBytes; i++) body[start - i] = written >>> (8 * (i - 1));
    this.#seal(this.#append(start + written));
  }

  /**
   * Sends one frame of voice. Where nothing else has to go with it, encoding and sealing are one call in
   * the memory of the packet; else the voice is encoded straight into the body and sealed with the rest.
   * @param voice writes an RTP packet: what stands before the voice, then the voice itself
   * @returns bytes of the Opus packet; 0 for silence, which is not sent
   * @throws {CallError} `bad-argument` also on the signalling channel, `counter-exhausted`, `released`
   * @internal
   */
  sendVoice(voice: VoiceFrame): number {
    this.#checkOpen();
    const { mode, channel, key } = this.#options;
    if (channel !== 'transport') throw badArgument('"channel" expected "transport" for audio');
    if (mode !== 'typed' || this.#dueAcks.size > 0 || this.#unacknowledged.size > 0) {
      let bytes = 0;
      this.sendAudio((target) => {
        const head = voice.writeHead(target);
        bytes = voice.encode(target.subarray(head));
        return bytes === 0 ? 0 : head + bytes;
      });
      return bytes;
    }
    const { body } = this.#outgoing;
    putWord(body, 0, makeWord(this.#nextCounter(), false, true));
    body[WORD_BYTES] = messageId('audioData');
    let head: number;
    let packet: Uint8Array | null;
    this.#busy = true;
    try {
      head = HEADER_BYTES + voice.writeHead(body.subarray(HEADER_BYTES));
      packet = voice.encodeAndSeal(this.#outgoing, key, this.#sealOffset, head);
    } finally {
      this.#busy = false;
    }
    if (packet === null || this.#closed) return 0;
    this.#counter++;
    const bytes = packet.length - MSG_KEY_BYTES - head;
    this.#hand(packet);
    return bytes;
  }

  /**
   * Takes a packet from the network; never throws for any bytes. What is said in it goes to
   * `onMessage` before this returns.
   * @returns false when the packet was dropped; nobody can learn why
   * @throws {CallError} `bad-argument` when it is no Uint8Array, `released`
   */
  receive(packet: Uint8Array): boolean {
    this.#checkOpen();
    checkBytes('packet', packet, badArgument);
    this.#received++;
    this.#bytesReceived += packet.length;
    const { mode, key } = this.#options;
    if (packet.length < MIN_PACKET_BYTES || packet.length > MAX_PACKET_BYTES) {
      return this.#drop('size');
    }
    const body = this.#incoming.openCall(key, this.#openOffset, packet);
    if (body === null) return this.#drop('key');
    const counter = counterOf(getWord(body, 0));
    if (!this.#window.accept(counter)) return this.#drop('replay');
    if (mode === 'plain') {
      this.#options.onMessage({ type: 'raw', data: body.subarray(WORD_BYTES) }, counter);
      return true;
    }
    const entries = parseBody(body, mode);
    if (entries === null || !this.#deliveries.hasRoom(entries.length)) return this.#drop('body');
    this.#deliver(this.#commit(entries));
    return true;
  }

  /**
   * Sends acknowledgements that are due and messages that are to be repeated, behind an empty
   * message; nothing when nobody waits for anything. The connection's own timers do this by
   * themselves.
   * @throws {CallError} `bad-argument`, `counter-exhausted`, `released`
   */
  service(cause: ServiceCause): void {
    this.#checkOpen();
    checkInteger('cause', cause, 0, 2, badArgument);
    this.#timers.stop(cause);
    if (this.#dueAcks.size === 0 && this.#unacknowledged.size === 0) return;
    const word = makeWord(this.#nextCounter(), false, false);
    this.#counter++;
    this.#outgoing.body.set(encodeEntry(word, { type: 'empty' }));
    this.#seal(this.#append(HEADER_BYTES));
  }

  /** Wipes what is kept, stops the timers and gives the memory back. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timers.stopAll();
    this.#dueAcks.clear();
    this.#deliveries.clear();
    this.#unacknowledged.clear();
    this.#outgoing.close();
    this.#incoming.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new CallError('released', 'the connection was closed');
    if (this.#busy) throw new CallError('out-of-order', 'write() must not call its connection');
  }

  #checkType(type: CallMessage['type']): void {
    const { mode } = this.#options;
    const service = (type as string) === 'empty' || (type as string) === 'ack';
    if (service || (type === 'raw') === (mode === 'typed')) {
      throw badArgument(`"message" expected a type of the mode "${mode}"`);
    }
  }

  #wantsAck(type: CallMessage['type']): boolean {
    return type === 'raw' ? this.#options.channel === 'signaling' : wantsAck(type);
  }

  /** The counter of the next message. The caller spends it when the message is certain. */
  #nextCounter(): number {
    if (this.#counter >= MAX_COUNTER) {
      throw new CallError('counter-exhausted', 'no counter is left: the call has to end');
    }
    return this.#counter + 1;
  }

  /** Lengths of a message with its word. */
  #checkFits(length: number, limit: number): void {
    if (length <= limit) return;
    throw new CallError('too-long', `"message" expected at most ${limit} bytes, got ${length}`);
  }

  #sendPlain(data: Uint8Array): void {
    checkBytes('data', data, badArgument);
    checkInteger('data.length', data.length, 1, MAX_PACKET_BYTES, badArgument);
    const word = this.#nextCounter();
    this.#counter++;
    const length = WORD_BYTES + data.length;
    this.#checkFits(length, this.#limit);
    const { body } = this.#outgoing;
    putWord(body, 0, word);
    body.set(data, WORD_BYTES);
    this.#seal(length);
  }

  /** Adds acknowledgements, then stored messages, as far as they fit; returns the new length. */
  #append(start: number): number {
    const { body } = this.#outgoing;
    const ack = messageId('ack');
    let length = start;
    while (this.#dueAcks.size > 0 && length + HEADER_BYTES <= this.#limit) {
      putWord(body, length, this.#dueAcks.take()!);
      body[length + WORD_BYTES] = ack;
      length += HEADER_BYTES;
    }
    if (this.#unacknowledged.size === 0) return length;
    const now = this.#options.clock.now();
    for (const stored of this.#unacknowledged) {
      const { bytes } = stored;
      if (!this.#unacknowledged.isDue(stored, now) || length + bytes.length > this.#limit) break;
      body.set(bytes, length);
      length += bytes.length;
      this.#unacknowledged.markSent(stored, now);
    }
    this.#timers.startResend();
    return length;
  }

  /** The last act of sending: nothing may follow, because `onPacket` may call back. */
  #seal(length: number): void {
    this.#hand(this.#outgoing.sealCall(this.#options.key, this.#sealOffset, length));
  }

  #hand(packet: Uint8Array): void {
    this.#sent++;
    this.#bytesSent += packet.length;
    this.#options.onPacket(packet);
  }

  /** Enters a packet that is known to be right; returns what the application has to hear. */
  #commit(entries: readonly Entry[]): Entry[] {
    const fresh: Entry[] = [];
    let firstAcked = true;
    let news = false;
    let roundTrip = -1;
    entries.forEach((entry, index) => {
      const { word, message } = entry;
      if (message.type === 'ack') {
        const stored = this.#unacknowledged.acknowledge(word);
        if (stored?.attempts === 1) roundTrip = this.#options.clock.now() - stored.sentAt;
      } else if (message.type !== 'empty') {
        const counter = counterOf(word);
        if (needsAck(word)) {
          if (firstAcked) this.#deliveries.startFrom(counter);
          firstAcked = false;
          this.#dueAcks.add(word);
          if (!this.#deliveries.accept(counter)) return;
          news = true;
        } else if (index > 0 && !this.#window.accept(counter)) {
          return;
        }
        fresh.push(entry);
      }
    });
    if (news) this.#timers.startService();
    else if (this.#dueAcks.size > 0) this.#timers.startAck();
    if (roundTrip >= 0) this.#roundTripMs = roundTrip;
    return fresh;
  }

  /** A handler may give us the next packet, which overwrites the body: later messages are copied. */
  #deliver(entries: Entry[]): void {
    if (entries.length > 1) for (const [i, entry] of entries.entries()) entries[i] = owned(entry);
    for (const { word, message } of entries) {
      if (this.#closed) return;
      this.#options.onMessage(message as CallMessage, counterOf(word));
    }
  }

  #drop(reason: keyof DropCounts): false {
    this.#drops[reason]++;
    return false;
  }

  /** A timer rang. Unlike `service`, sends nothing when there is nothing to say yet. */
  #ring(cause: ServiceCause): void {
    if (this.#closed || this.#counter >= MAX_COUNTER) return;
    if (cause === 2 && this.#dueAcks.size === 0) {
      const [oldest] = this.#unacknowledged;
      if (oldest === undefined) return;
      if (!this.#unacknowledged.isDue(oldest, this.#options.clock.now())) {
        this.#timers.startResend();
        return;
      }
    }
    if (cause !== 2 && this.#dueAcks.size === 0) return;
    this.service(cause);
  }
}

function owned(entry: Entry): Entry {
  const { word, message } = entry;
  return 'data' in message ? { word, message: { ...message, data: message.data.slice() } } : entry;
}

function putWord(target: Uint8Array, offset: number, word: number): void {
  target[offset] = word >>> 24;
  target[offset + 1] = word >>> 16;
  target[offset + 2] = word >>> 8;
  target[offset + 3] = word;
}

function getWord(source: Uint8Array, offset: number): number {
  const at = (i: number): number => source[offset + i]!;
  return ((at(0) << 24) | (at(1) << 16) | (at(2) << 8) | at(3)) >>> 0;
}
