import { PlayoutBuffer, type PlayoutStats, type PlayoutStep } from './playout.ts';
import { parseRtp, RTP_CLOCK_RATE, RTP_PAYLOAD_TYPE, SequenceTracker } from './rtp.ts';
import type { VoiceCodec, VoiceDecoder, VoiceFormat } from './voice-codec.ts';

/** What a receiver needs. */
export type VoiceReceiverOptions = {
  readonly decoder: VoiceDecoder;
  readonly codec: Pick<VoiceCodec, 'packetDuration' | 'hasFec'>;
  /** SSRC of the peer's audio; packets of others are ignored. */
  readonly ssrc: number;
  readonly format: VoiceFormat;
  /** Ticks of the RTP clock that one `read` covers. */
  readonly frame: number;
  /** Playout delay in ticks. */
  readonly delay: number;
};

/** Opened packets to PCM: parse, put in order, decode, or make up for what is missing. */
export class VoiceReceiver {
  readonly #options: VoiceReceiverOptions;
  readonly #playout: PlayoutBuffer;
  readonly #sequence: SequenceTracker = new SequenceTracker();
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
  #malformed = 0;
  #concealed = 0;
  #recovered = 0;

  constructor(options: VoiceReceiverOptions) {
    const { format, frame, delay } = options;
    this.#options = options;
    this.#playout = new PlayoutBuffer({ delay, frame });
    this.#ratio = format.sampleRate / RTP_CLOCK_RATE;
    this.#frameSamples = frame * this.#ratio * format.channels;
    this.#out = new Float32Array(this.#frameSamples);
    this.#rest = new Float32Array(5760 * this.#ratio * format.channels);
  }

  /** Takes what the peer's `audioData` message held. RTCP and unknown streams are ignored. */
  receive(data: Uint8Array): void {
    const packet = parseRtp(data);
    if (packet?.payloadType !== RTP_PAYLOAD_TYPE || packet.ssrc !== this.#options.ssrc) return;
    const duration = this.#durationOf(packet.payload);
    if (duration === 0) {
      this.#malformed++;
      return;
    }
    this.#sequence.add(packet.sequence);
    this.#playout.push(packet.timestamp, duration, packet.payload);
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
    return this.#playout.buffered / (RTP_CLOCK_RATE / 1000);
  }

  /** Playout delay in ms. */
  get delayMs(): number {
    return this.#playout.delay / (RTP_CLOCK_RATE / 1000);
  }

  /** Packets of the stream that came. */
  get received(): number {
    return this.#sequence.received;
  }

  /** Frames made up without any information. */
  get concealed(): number {
    return this.#concealed;
  }

  /** Frames made from the redundancy in the packet after them. */
  get recovered(): number {
    return this.#recovered;
  }

  /** Packets that the peer sent and that did not come so far. */
  get lost(): number {
    return this.#sequence.lost;
  }

  /** Payloads that are no Opus packets. */
  get malformed(): number {
    return this.#malformed;
  }

  /** The next frame. Borrowed without `dst`: valid until the next `read`. */
  read(dst: Float32Array = this.#out): Float32Array {
    const { channels } = this.#options.format;
    const length = this.#frameSamples;
    let done = 0;
    while (done < length) {
      if (this.#restStart === this.#restEnd) this.#decodeNext();
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
    this.#rest.fill(0);
    this.#out.fill(0);
  }

  #durationOf(payload: Uint8Array): number {
    try {
      return this.#options.codec.packetDuration(payload);
    } catch {
      return 0;
    }
  }

  #decodeNext(): void {
    const { format } = this.#options;
    const { kind, payload, duration, timestamp } = this.#playout.pull();
    const samples = duration * this.#ratio;
    this.#restStart = 0;
    this.#restEnd = samples * format.channels;
    this.#restTimestamp = -1;
    if (kind === 'wait') {
      this.#rest.fill(0, 0, this.#restEnd);
      return;
    }
    const pcm = this.#decode(kind, payload, samples);
    if (pcm) this.#restTimestamp = timestamp;
    else this.#concealed++;
    const made = pcm ?? this.#options.decoder.conceal(samples);
    this.#rest.set(made.subarray(0, this.#restEnd));
  }

  /** PCM made from data of the peer, or null where there is none. */
  #decode(kind: PlayoutStep['kind'], payload: Uint8Array, samples: number): Float32Array | null {
    const { decoder, codec } = this.#options;
    try {
      if (kind === 'packet') return decoder.decode(payload);
      if (kind !== 'fec' || !codec.hasFec(payload)) return null;
      const pcm = decoder.decodeFec(payload, samples);
      this.#recovered++;
      return pcm;
    } catch {
      // The headers were in order, the rest was not: nothing was decoded.
      this.#malformed++;
      return null;
    }
  }
}
