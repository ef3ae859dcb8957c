import { checkBytes, checkFunction } from '../core/checks.ts';
import type { PacketBuffer } from '../crypto/index.ts';
import { type CallCore, createCallCore } from './call-core.ts';
import type { CallEnd, CallEndReason, CallEvents, CallState } from './call-events.ts';
import { type CallOptions, type ResolvedOptions, resolveOptions } from './call-options.ts';
import { CallSession } from './call-session.ts';
import { isDirect } from './endpoints.ts';
import type { EmojiFingerprint } from './emoji.ts';
import { badArgument, CallError } from './errors.ts';
import { Emitter } from './events.ts';
import { type Agreement, Handshake } from './handshake.ts';
import { type CallRole, otherRole, packetOffset } from './packet-options.ts';
import { QualityLoop } from './quality-loop.ts';
import { AUDIO_SSRC, TICKS_PER_MS } from './rtp.ts';
import { DISCARD_REASONS, type DiscardReason } from './signalling.ts';
import { type CallStats, describePath } from './stats.ts';
import { SteadyClock } from './steady-clock.ts';
import { opusCodec } from './voice-codec.ts';
import { VoiceReceiver } from './voice-receiver.ts';
import { VoiceSender } from './voice-sender.ts';
import type { VoiceCodec, VoiceDecoder, VoiceEncoder } from './voice-types.ts';

/** A UDP datagram holds no more (RFC 768). */
const MAX_RECORDED_BYTES = 65_507;

const EVENTS: readonly (keyof CallEvents)[] = [
  'state',
  'emojis',
  'mute',
  'path',
  'statistics',
  'step',
  'ended',
  'error',
];

/** Sealed signalling that overtook the message with the key waits for it, at most so many packets. */
const MAX_EARLY = 16;

const TICKS_PER_STATISTICS = 10;

type Parts = {
  readonly core: CallCore;
  readonly codec: VoiceCodec;
  readonly encoder: VoiceEncoder;
  readonly decoder: VoiceDecoder;
};

async function prepare(options: ResolvedOptions): Promise<Parts> {
  const core = createCallCore(options.wasm);
  const codec = options.codec ?? opusCodec(core);
  let encoder: VoiceEncoder | undefined;
  try {
    encoder = await codec.createEncoder(options.format, options.encoder);
    return { core, codec, encoder, decoder: await codec.createDecoder(options.format) };
  } catch (error) {
    encoder?.close();
    core.close();
    throw error;
  }
}

/** @throws {CallError} `bad-argument` */
function checkUsable({ endpoints = [], p2p }: ResolvedOptions): void {
  if (endpoints.some((endpoint) => p2p || !isDirect(endpoint))) return;
  throw badArgument('"endpoints" expected one or more that may be used, got none');
}

function closeParts({ encoder, decoder, core }: Parts): void {
  encoder.close();
  decoder.close();
  core.close();
}

/**
 * A voice call between two ends. It has no I/O of its own: signalling, transports, clock and randomness
 * are handed in, so that it runs the same in a process, a worker, a page, and in virtual time.
 *
 * Nothing that was said leaves before a packet of the peer, sealed with the agreed key, has come. A
 * failed check of the key exchange ends the call.
 *
 * @example
 * const call = await Call.outgoing({ signalling, endpoints: [relay], connect: connectUdp });
 * call.on('emojis', (emojis) => console.log(emojis.join(' ')));
 * call.start();
 * // every 20 ms, once call.state is 'active':
 * call.write(microphone);
 * speaker.set(call.read());
 */
export class Call {
  /** Who this end is. */
  readonly role: CallRole;
  readonly #options: ResolvedOptions;
  readonly #parts: Parts;
  readonly #events: Emitter<CallEvents> = new Emitter();
  readonly #handshake: Handshake;
  readonly #receiver: VoiceReceiver;
  #state: CallState = 'idle';
  #agreement: Agreement | undefined;
  #session: CallSession | undefined;
  #early: Uint8Array[] = [];
  #sender: VoiceSender | undefined;
  #quality: QualityLoop | undefined;
  #muted = false;
  #remoteMuted = false;
  #ticks = 0;
  #end: CallEnd | undefined;
  #finalStats: CallStats | undefined;
  /** Made when it is needed: most calls have no audit. */
  #recorded: PacketBuffer | undefined;
  #closed = false;

  /**
   * Prepares a call to somebody; `start()` makes it.
   * @throws {CallError} `bad-argument`, `bad-dh-config`
   * @throws {OpusError} when options of the encoder are wrong
   */
  static async outgoing(options: CallOptions): Promise<Call> {
    const resolved = resolveOptions(options);
    checkUsable(resolved);
    return new Call('caller', resolved, await prepare(resolved));
  }

  /**
   * Waits for a call on the signalling; `accept()` takes it once the state is `incoming`. A request that
   * was there before `on('state')` is not told again: look at `call.state` when the call is there.
   * @throws {CallError} `bad-argument`, also with `p2p: false` and no `endpoints` that may be used;
   *   `bad-dh-config`
   * @throws {OpusError} when options of the encoder are wrong
   * @example
   * const call = await Call.incoming({ signalling, connect: connectUdp });
   * const ring = (state) => state === 'incoming' && showRinging(call);
   * call.on('state', ring);
   * ring(call.state);
   */
  static async incoming(options: CallOptions): Promise<Call> {
    const resolved = resolveOptions(options);
    if (!resolved.p2p) checkUsable(resolved);
    return new Call('callee', resolved, await prepare(resolved));
  }

  private constructor(role: CallRole, options: ResolvedOptions, parts: Parts) {
    this.role = role;
    this.#options = options;
    this.#parts = parts;
    const { format, frame, minDelay, fixedPlayout: fixed } = options;
    this.#receiver = new VoiceReceiver({
      decoder: parts.decoder,
      codec: parts.codec,
      clock: new SteadyClock(options.clock),
      scaler: parts.core.createTimeScaler(format),
      ssrc: AUDIO_SSRC[otherRole(role)],
      format,
      frame,
      minDelay,
      fixed,
    });
    try {
      this.#handshake = new Handshake(role, parts.core.crypto, options, {
        onState: (state) => this.#enter(state),
        onStep: (step) => this.#events.emit('step', step),
        onAgreed: (agreement) => this.#agreed(agreement),
        onSealed: (data) => this.#receiveSealed(data),
        onEnd: (reason, by, error) => this.#finish(reason, by, error),
      });
    } catch (error) {
      closeParts(parts);
      throw error;
    }
  }

  /** Where the call stands. */
  get state(): CallState {
    return this.#state;
  }

  /** Four emojis that both users compare by voice; undefined before `connecting`. */
  get emojis(): EmojiFingerprint | undefined {
    return this.#agreement?.emojis;
  }

  /** The last 8 bytes of SHA-1 of the key as a signed number; undefined before `connecting`. */
  get keyFingerprint(): bigint | undefined {
    return this.#agreement?.keyFingerprint;
  }

  /** How the call ended; undefined before. */
  get end(): CallEnd | undefined {
    return this.#end;
  }

  /** The peer has muted itself. */
  get remoteMuted(): boolean {
    return this.#remoteMuted;
  }

  /** Samples that `write` takes and `read` gives, all channels counted. */
  get frameLength(): number {
    return this.#receiver.frameLength;
  }

  /** How long such a frame lasts, in ms. */
  get frameMs(): number {
    return this.#options.frame / TICKS_PER_MS;
  }

  /** RTP timestamp (48 kHz, 32 bits) of the last frame that `write` took, -1 before the first. */
  get lastSent(): number {
    return this.#sender?.lastSent ?? -1;
  }

  /** RTP timestamp of what the last `read` gave, -1 when that was silence or made up. */
  get lastPlayed(): number {
    return this.#receiver.lastPlayed;
  }

  /**
   * Adds a handler for one of the {@link CallEvents}; the result removes it. `close()` removes all.
   * @throws {CallError} `bad-argument` for an unknown name, or a handler that is no function
   */
  on<Name extends keyof CallEvents>(
    name: Name,
    handler: (value: CallEvents[Name]) => void,
  ): () => void {
    if (!EVENTS.includes(name)) throw badArgument(`"name" expected one of ${EVENTS.join(', ')}`);
    checkFunction('handler', handler, badArgument);
    return this.#events.on(name, handler);
  }

  /**
   * Asks the other side for the call. For an outgoing call, once.
   * @throws {CallError} `out-of-order`, `released`
   */
  start(): void {
    this.#checkOpen();
    this.#handshake.request();
  }

  /**
   * Takes an incoming call.
   * @throws {CallError} `out-of-order` unless the state is `incoming`, `released`
   */
  accept(): void {
    this.#checkOpen();
    this.#handshake.accept();
  }

  /**
   * Ends the call, or declines it. Does nothing when it has ended.
   * @param reason default: by the state, as Telegram's clients do
   * @throws {CallError} `bad-argument`
   */
  hangUp(reason: DiscardReason = this.#handshake.hangUpReason): void {
    if (!DISCARD_REASONS.includes(reason)) {
      throw badArgument(`"reason" expected one of ${DISCARD_REASONS.join(', ')}`);
    }
    this.#finish(reason, this.role);
  }

  /**
   * Sends one frame of voice.
   * @param pcm interleaved, exactly `frameLength` samples; f32 with full scale at ±1, or s16
   * @returns false when it went nowhere: the call is neither `active` nor `reconnecting`, or muted
   * @throws {OpusError} `frame-size` for PCM of another length
   * @throws {CallError} `too-long` when a packet exceeds 1452 bytes, `counter-exhausted`, `released`
   */
  write(pcm: Float32Array | Int16Array): boolean {
    this.#checkOpen();
    if (this.#state !== 'active' && this.#state !== 'reconnecting') return false;
    if (this.#muted) this.#sender!.skip();
    else if (this.#sender!.write(pcm)) this.#quality!.wrote();
    return !this.#muted;
  }

  /**
   * From now on what is written is not sent, or is again. The peer is told, sealed.
   * @throws {CallError} `bad-argument`, `released`
   */
  mute(muted: boolean): void {
    this.#checkOpen();
    if (typeof muted !== 'boolean') throw badArgument('"muted" expected a boolean');
    this.#muted = muted;
    this.#session?.link.mute(muted);
  }

  /**
   * Tells the call that the network under it has changed, where the runtime says so: every path is
   * opened anew at once. Without it the call finds out by itself, after two seconds.
   * @throws {CallError} `released`
   */
  networkChanged(): void {
    this.#checkOpen();
    this.#session?.link.paths.reopen();
  }

  /**
   * The next frame of what the peer says; silence while there is none. Call it once for each frame
   * that is played: it is the clock of the playout buffer.
   * @param dst where the samples go, at least `frameLength` long
   * @returns interleaved f32, `frameLength` samples: borrowed, valid until the next `read`; with `dst`
   *   its first part
   * @throws {CallError} `bad-argument` when `dst` is too short, `released`
   */
  read(dst?: Float32Array): Float32Array {
    this.#checkOpen();
    if (dst === undefined) return this.#receiver.read();
    if (!(dst instanceof Float32Array) || dst.length < this.frameLength) {
      throw badArgument(`"dst" expected a Float32Array of ${this.frameLength} samples or more`);
    }
    return this.#receiver.read(dst);
  }

  /**
   * Opens a packet of this call that was recorded on its way, once more and beside the call: it is not
   * counted, not looked up in the replay window, and no handler hears of it. For audits: what a relay
   * saw can be shown to open with the key of this call, while that key stays where nobody can read it.
   * @param packet msg_key and ciphertext, without the frame of a relay; not modified
   * @param sender who sent it
   * @returns the body (sequence word, type, content): *borrowed*, valid until the next call of this
   *   method; null when it does not open, whatever is wrong with it
   * @throws {CallError} `bad-argument`, `out-of-order` while there is no key, `released` when it is gone
   * @example
   * const opened = recorded.filter((packet) => call.openRecorded(packet, 'caller') !== null).length;
   */
  openRecorded(packet: Uint8Array, sender: CallRole): Uint8Array | null {
    if (this.#state === 'ended') throw new CallError('released', 'the call has ended');
    if (!this.#agreement) throw new CallError('out-of-order', 'there is no key yet');
    checkBytes('packet', packet, badArgument);
    if (sender !== 'caller' && sender !== 'callee') {
      throw badArgument('"sender" expected caller or callee');
    }
    this.#recorded ??= this.#parts.core.crypto.createPacketBuffer(MAX_RECORDED_BYTES);
    return this.#recorded.openCall(this.#agreement.key, packetOffset('transport', sender), packet);
  }

  /** What there is to tell. After the call, what there was at its end. */
  stats(): CallStats {
    return this.#finalStats ?? this.#collect();
  }

  /** Ends the call if it has not ended, wipes everything and closes the signalling. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.hangUp();
    this.#closed = true;
    this.#receiver.close();
    this.#sender?.close();
    closeParts(this.#parts);
    this.#options.signalling.close();
    this.#events.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new CallError('released', 'the call was closed');
  }

  #enter(state: CallState): void {
    if (this.#state === 'ended') return;
    this.#state = state;
    this.#events.emit('state', state);
  }

  #agreed(agreement: Agreement): void {
    if (this.#state === 'ended') return;
    const { frame, format, encoder, random } = this.#options;
    this.#agreement = agreement;
    const session = new CallSession(this.#parts.core.crypto, {
      role: this.role,
      call: this.#options,
      agreement,
      sendSealed: (data) => this.#handshake.sendSealed(data),
      onAudio: (data) => {
        if (!this.#quality?.hear(data)) this.#receiver.receive(data);
      },
      onRemoteMute: (muted) => this.#hearMute(muted),
      onState: (state) => this.#enter(state),
      onStep: (step) => this.#events.emit('step', step),
      onPath: (path) => this.#events.emit('path', describePath(path, true)),
      onTick: () => this.#tick(),
      onEnd: (reason, error) => this.#finish(reason, this.role, error),
    });
    this.#session = session;
    session.link.mute(this.#muted);
    const start = new DataView(new ArrayBuffer(6));
    random(new Uint8Array(start.buffer));
    this.#sender = new VoiceSender({
      encoder: this.#parts.encoder,
      connection: session.link.connection,
      ssrc: AUDIO_SSRC[this.role],
      format,
      frame,
      sequence: start.getUint16(0),
      timestamp: start.getUint32(2),
      dtx: encoder.dtx ?? false,
    });
    this.#quality = new QualityLoop({
      clock: session.clock,
      connection: session.link.connection,
      sender: this.#sender,
      receiver: this.#receiver,
      encoder: this.#parts.encoder,
      ssrc: AUDIO_SSRC[this.role],
      peerSsrc: AUDIO_SSRC[otherRole(this.role)],
      controller: this.#options.quality,
      initial: this.#options.sending,
    });
    this.#enter('connecting');
    this.#events.emit('emojis', agreement.emojis);
    if (this.#state !== 'connecting') return; // a handler has hung up
    session.start();
    for (const data of this.#early.splice(0)) session.receiveSealed(data);
  }

  #receiveSealed(data: Uint8Array): void {
    if (this.#session) this.#session.receiveSealed(data);
    else if (this.#early.length < MAX_EARLY) this.#early.push(data);
  }

  #hearMute(muted: boolean): void {
    if (muted === this.#remoteMuted) return;
    this.#remoteMuted = muted;
    this.#events.emit('mute', muted);
  }

  #tick(): void {
    this.#ticks++;
    if (this.#ticks % TICKS_PER_STATISTICS === 0 && this.#events.has('statistics')) {
      this.#events.emit('statistics', this.#collect());
    }
  }

  #finish(reason: CallEndReason, by: CallRole, error?: CallError): void {
    if (this.#state === 'ended') return;
    const duration = Math.floor((this.#session?.durationMs ?? 0) / 1000);
    const end: CallEnd = error ? { reason, by, duration, error } : { reason, by, duration };
    this.#end = end;
    this.#finalStats = this.#collect();
    this.#state = 'ended';
    this.#early = [];
    this.#quality?.close();
    this.#session?.close();
    this.#recorded?.close();
    const local = reason === 'key-exchange' || reason === 'downgrade';
    if (by === this.role) this.#handshake.discard(local ? 'disconnect' : reason, duration);
    this.#handshake.close();
    this.#events.emit('state', 'ended');
    if (error) this.#events.emit('error', error);
    this.#events.emit('ended', end);
  }

  #collect(): CallStats {
    const receiver = this.#receiver;
    const { late, played, restarts } = receiver.playout;
    const { lost, concealed, recovered } = receiver;
    const link = this.#session?.link.stats;
    const paths = this.#session?.link.paths;
    const { active } = paths ?? {};
    return {
      packets: {
        sent: link?.sent ?? 0,
        received: link?.received ?? 0,
        dropped: link?.dropped ?? 0,
        lost,
        late,
        concealed,
        recovered,
        played,
      },
      bytes: { sent: link?.bytesSent ?? 0, received: link?.bytesReceived ?? 0 },
      bitrate: link?.bitrate ?? { sent: 0, received: 0 },
      voice: { frames: this.#sender?.frames ?? 0, bytes: this.#sender?.payloadBytes ?? 0 },
      sending: this.#quality?.decision ?? this.#options.sending,
      quality: this.#quality?.report ?? null,
      loss: lost === 0 ? 0 : lost / (lost + receiver.received),
      rttMs: active?.rttMs ?? null,
      paths: paths?.paths.map((path) => describePath(path, path === active)) ?? [],
      playout: {
        delayMs: receiver.delayMs,
        targetDelayMs: receiver.targetDelayMs,
        bufferedMs: receiver.bufferedMs,
        stretchedMs: receiver.stretchedMs,
        restarts,
      },
      durationSeconds: (this.#session?.durationMs ?? 0) / 1000,
    };
  }
}
