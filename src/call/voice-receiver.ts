import type { Clock } from '../core/clock.ts';
import type { Feedback } from './feedback.ts';
import {
  PlayoutBuffer,
  type PlayoutPacket,
  type PlayoutStats,
  type PlayoutStep,
} from './playout.ts';
import { parseRed, RED_PAYLOAD_TYPE } from './red.ts';
import {
  parseRtp,
  RTP_CLOCK_RATE,
  RTP_PAYLOAD_TYPE,
  type RtpPacket,
  SequenceTracker,
  TICKS_PER_MS,
  WIRE_BYTES,
} from './rtp.ts';
import { ReadClock } from './read-clock.ts';
import type { TimeScaler } from './time-scale.ts';
import type { VoiceCodec, VoiceDecoder, VoiceFormat } from './voice-types.ts';

/** What a receiver needs. */
export type VoiceReceiverOptions = {
  readonly decoder: VoiceDecoder;
  readonly codec: Pick<VoiceCodec, 'packetDuration' | 'hasFec'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Makes frames longer and shorter; without it the delay changes in pauses only. */
  readonly scaler?: TimeScaler | undefined;
  /** SSRC of the peer's audio; packets of others are ignored. */
  readonly ssrc: number;
  readonly format: VoiceFormat;
  /** Ticks of the RTP clock that one `read` covers. */
  readonly frame: number;
  /** Least playout delay in ticks. */
  readonly minDelay: number;
  /** Keeps to that. */
  readonly fixed?: boolean;
};

const NOTHING: Uint8Array = new Uint8Array(0);
/** Ticks of the longest packet, and of what a step may be longer. */
const LONGEST = 5760 + 960;

/** Opened packets to PCM: parse, put in order, decode, make up for what is missing, keep the delay. */
export class VoiceReceiver {
  readonly #options: VoiceReceiverOptions;
  readonly #playout: PlayoutBuffer;
  readonly #sequence: SequenceTracker = new SequenceTracker();
  /** Reused for every packet. */
  readonly #packet: PlayoutPacket = {
    timestamp: 0,
    duration: 0,
    payload: NOTHING,
    arrival: 0,
    sequence: 0,
    fec: false,
    spare: false,
  };
  readonly #readClock: ReadClock;
  /** Samples per channel in one tick of the RTP clock. */
  readonly #ratio: number;
  readonly #frameSamples: number;
  readonly #out: Float32Array;
  /** Decoded and not read yet: steps and reads need not be equally long. */
  readonly #rest: Float32Array;
  #restStart = 0;
  #restEnd = 0;
  /** RTP timestamp of the first sample in `rest`, -1 when that is made up. */
  #restTimestamp = -1;
  #lastPlayed = -1;
  #undecodable = 0;
  #stretched = 0;
  #bytes = 0;
  #lastTimestamp = 0;
  #lastArrival = 0;

  constructor(options: VoiceReceiverOptions) {
    const { format, frame, minDelay, fixed = false } = options;
    this.#options = options;
    this.#playout = new PlayoutBuffer({ minDelay, frame, fixed });
    this.#readClock = new ReadClock(frame / TICKS_PER_MS);
    this.#ratio = format.sampleRate / RTP_CLOCK_RATE;
    this.#frameSamples = frame * this.#ratio * format.channels;
    this.#out = new Float32Array(this.#frameSamples);
    this.#rest = new Float32Array(LONGEST * this.#ratio * format.channels);
  }

  /** Takes what the peer's `audioData` message held. RTCP and unknown streams are ignored. */
  receive(data: Uint8Array): void {
    const packet = parseRtp(data);
    if (packet?.ssrc !== this.#options.ssrc) return;
    this.#bytes += data.length + WIRE_BYTES;
    this.#lastTimestamp = packet.timestamp;
    this.#lastArrival = this.#options.clock.now();
    if (packet.payloadType === RTP_PAYLOAD_TYPE) {
      if (this.#push(packet, packet.payload, 0, 0)) this.#sequence.add(packet.sequence);
    } else if (packet.payloadType === RED_PAYLOAD_TYPE) this.#receiveRed(packet);
  }

  /** Samples, channels counted, that `read` gives. */
  get frameLength(): number {
    return this.#frameSamples;
  }

  /** RTP timestamp of the first sample of the last `read`, -1 when that was made up. */
  get lastPlayed(): number {
    return this.#lastPlayed;
  }

  get playout(): Readonly<PlayoutStats> {
    return this.#playout.stats;
  }

  /** Voice that waits to be played, in ms. */
  get bufferedMs(): number {
    return this.#playout.buffered / TICKS_PER_MS;
  }

  /** By how much playing is later than the fastest packets allow, in ms; and how much it should be. */
  get delayMs(): number {
    return this.#playout.delay / TICKS_PER_MS;
  }

  get targetDelayMs(): number {
    return this.#playout.targetDelay / TICKS_PER_MS;
  }

  /** One-way delay of the path in ms, if it is known. */
  set pathMs(ms: number) {
    this.#playout.pathMs = ms;
  }

  /** Packets of the stream that came. */
  get received(): number {
    return this.#sequence.received;
  }

  /** Frames made up without any information. */
  get concealed(): number {
    return this.#playout.stats.concealed + this.#undecodable;
  }

  /** Frames had from a later packet: copies, and the codec's own redundancy. */
  get recovered(): number {
    const { recovered, spare } = this.#playout.stats;
    return recovered + spare;
  }

  /** Packets that the peer sent and that did not come so far. */
  get lost(): number {
    return this.#sequence.lost;
  }

  /** Voice that was left out or repeated to change the delay, in ms. */
  get stretchedMs(): number {
    return this.#stretched / this.#ratio / TICKS_PER_MS;
  }

  /** What the sender has to know about how its voice arrives; null before any has. */
  feedback(): Feedback | null {
    const { played, recovered, concealed, silent, late } = this.#playout.stats;
    const { highest, received } = this.#sequence;
    if (highest < 0) return null;
    return {
      highest,
      received,
      bytes: this.#bytes,
      echo: this.#lastTimestamp,
      held: Math.round((this.#options.clock.now() - this.#lastArrival) * TICKS_PER_MS),
      queue: Math.round((4 * this.#playout.queueDelay) / TICKS_PER_MS),
      jitter: Math.round((4 * this.#playout.jitter) / TICKS_PER_MS),
      playout: Math.round(this.delayMs),
      burst: this.#sequence.takeBurst(),
      frames: played + recovered + concealed + silent,
      concealed,
      late,
    };
  }

  /** The next frame. Borrowed without `dst`: valid until the next `read`. */
  read(dst: Float32Array = this.#out): Float32Array {
    const { channels } = this.#options.format;
    const length = this.#frameSamples;
    const now = this.#readClock.read(this.#options.clock.now()) * TICKS_PER_MS;
    let done = 0;
    while (done < length) {
      if (this.#restStart === this.#restEnd) {
        this.#decodeNext(now, done / channels / this.#ratio);
      }
      if (done === 0) this.#lastPlayed = this.#restTimestamp;
      const take = Math.min(length - done, this.#restEnd - this.#restStart);
      dst.set(this.#rest.subarray(this.#restStart, this.#restStart + take), done);
      this.#restStart += take;
      done += take;
      if (this.#restTimestamp >= 0) {
        this.#restTimestamp = (this.#restTimestamp + take / channels / this.#ratio) >>> 0;
      }
    }
    return dst.length === length ? dst : dst.subarray(0, length);
  }

  /** Wipes all voice that is held here. */
  close(): void {
    this.#playout.clear();
    this.#options.scaler?.close();
    this.#rest.fill(0);
    this.#out.fill(0);
  }

  #receiveRed(packet: RtpPacket): void {
    const blocks = parseRed(packet.payload);
    const own = blocks?.at(-1);
    if (!blocks || own?.payloadType !== RTP_PAYLOAD_TYPE) return;
    // The newest first: what it tells about delays must not be mixed up with that of the copies.
    if (!this.#push(packet, own.payload, 0, 0)) return;
    this.#sequence.add(packet.sequence);
    for (let i = blocks.length - 2; i >= 0; i--) {
      const { payloadType, payload, age } = blocks[i]!;
      if (payloadType === RTP_PAYLOAD_TYPE) this.#push(packet, payload, age, blocks.length - 1 - i);
    }
  }

  /** False for what is no Opus packet. */
  #push(
    { timestamp, sequence }: RtpPacket,
    payload: Uint8Array,
    age: number,
    back: number,
  ): boolean {
    const { codec, clock } = this.#options;
    const packet = this.#packet;
    try {
      packet.duration = codec.packetDuration(payload);
      packet.fec = packet.duration > 0 && codec.hasFec(payload);
    } catch {
      packet.duration = 0;
    }
    if (packet.duration === 0) return false;
    packet.timestamp = (timestamp - age) >>> 0;
    packet.payload = payload;
    packet.arrival = clock.now() * TICKS_PER_MS;
    packet.sequence = (sequence - back) & 0xffff;
    packet.spare = back > 0;
    this.#playout.push(packet);
    return true;
  }

  #decodeNext(now: number, ahead: number): void {
    const { format, decoder } = this.#options;
    const step = this.#playout.pull(now, ahead);
    const { kind, duration, timestamp } = step;
    const samples = Math.round(duration * this.#ratio);
    this.#restStart = 0;
    this.#restEnd = samples * format.channels;
    this.#restTimestamp = -1;
    if (kind === 'wait') {
      this.#rest.fill(0, 0, this.#restEnd);
      return;
    }
    const pcm = this.#decode(step, samples);
    if (pcm) this.#restTimestamp = timestamp;
    else if (kind !== 'conceal') this.#undecodable++;
    const made = pcm ?? decoder.conceal(samples);
    this.#rest.set(made.subarray(0, this.#restEnd));
    if (step.stretch !== 0) this.#stretch(samples, step);
  }

  #stretch(samples: number, { stretch, urgent }: PlayoutStep): void {
    const { scaler, format } = this.#options;
    const wanted = Math.trunc(stretch * this.#ratio);
    const change = scaler?.scale(this.#rest, samples, wanted, urgent) ?? 0;
    this.#restEnd += change * format.channels;
    this.#stretched += Math.abs(change);
  }

  /** PCM made from data of the peer, or null where there is none. */
  #decode({ kind, payload }: PlayoutStep, samples: number): Float32Array | null {
    const { decoder } = this.#options;
    try {
      if (kind === 'packet') return decoder.decode(payload);
      return kind === 'fec' ? decoder.decodeFec(payload, samples) : null;
    } catch {
      // The headers were in order, the rest was not: nothing was decoded.
      return null;
    }
  }
}
