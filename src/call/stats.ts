import type { Clock } from '../core/clock.ts';
import type { Endpoint } from '../transport/types.ts';
import type { QualityDecision, QualityReport } from './quality.ts';
import type { Path } from './paths/path.ts';

/** One path of a call, without its addresses. */
export type CallPath = {
  readonly kind: Endpoint['kind'];
  /** How a relay is reached. */
  readonly protocol?: 'udp' | 'tcp' | 'websocket';
  /** It carries what this end sends. */
  readonly active: boolean;
  /** There is a transport at the moment. */
  readonly open: boolean;
  /** Smoothed round trip in ms; null before the first answer of the peer on it. */
  readonly rttMs: number | null;
  /** Share of what was sent that did not arrive, 0..1, smoothed, as the peer has counted. */
  readonly loss: number;
  /** Packets sent on it, and valid ones that came. */
  readonly sent: number;
  readonly received: number;
};

/** What a call has to tell about itself: technical data only. */
export type CallStats = {
  /** Counts since the call was made. */
  readonly packets: {
    /** Sealed packets handed to the transport, and datagrams that came from it. */
    readonly sent: number;
    readonly received: number;
    /** Datagrams that did not open, were replayed or malformed. */
    readonly dropped: number;
    /** Voice packets of the peer that have not come, by their RTP sequence numbers. */
    readonly lost: number;
    /** Voice packets that came when their turn was over. */
    readonly late: number;
    /** Frames made up without any information, and those taken from the redundancy of a later packet. */
    readonly concealed: number;
    readonly recovered: number;
    /** Frames played from real data. */
    readonly played: number;
  };
  /** Bytes of sealed packets, without those of relay, UDP and IP. */
  readonly bytes: { readonly sent: number; readonly received: number };
  /** Of these, over the last second, in bit/s. */
  readonly bitrate: { readonly sent: number; readonly received: number };
  /** Encoded voice that was sent, without any header. */
  readonly voice: { readonly frames: number; readonly bytes: number };
  /** How voice is sent at present. */
  readonly sending: QualityDecision;
  /** What the other end told last about how it arrives; null before it has. */
  readonly quality: QualityReport | null;
  /** Lost packets over expected ones, 0..1, of the whole call. */
  readonly loss: number;
  /** Smoothed round trip of the active path in ms; null before the first answer. */
  readonly rttMs: number | null;
  /** All paths, in the order in which they were agreed. */
  readonly paths: readonly CallPath[];
  /** The buffer that evens out the path. */
  readonly playout: {
    /** By how much playing is later than the fastest packets allow: as it is, and as it should be. */
    readonly delayMs: number;
    readonly targetDelayMs: number;
    /** How much voice waits at the moment. */
    readonly bufferedMs: number;
    /** Voice that was left out or repeated to change the delay. */
    readonly stretchedMs: number;
    /** How often playing began: at first, after pauses, on another time base. */
    readonly restarts: number;
  };
  /** Seconds since the call became active. */
  readonly durationSeconds: number;
};

/** A path as statistics show it: without addresses. */
export function describePath(path: Path, active: boolean): CallPath {
  const { endpoint, open, rttMs, loss, sent, heard } = path;
  const common = { active, open, rttMs, loss, sent, received: heard };
  if (endpoint.kind !== 'relay') return { kind: endpoint.kind, ...common };
  return { kind: 'relay', protocol: endpoint.protocol ?? 'udp', ...common };
}

const BUCKETS = 10;
const BUCKET_MS = 100;

/** Bytes of the last second, in ten buckets. */
export class RateMeter {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #buckets: Float64Array = new Float64Array(BUCKETS);
  readonly #start: number;
  #tick = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#start = clock.now();
  }

  add(bytes: number): void {
    this.#advance();
    this.#buckets[this.#tick % BUCKETS]! += bytes;
  }

  /** In bit/s. */
  get bitrate(): number {
    this.#advance();
    return (8000 / (BUCKETS * BUCKET_MS)) * this.#buckets.reduce((sum, bytes) => sum + bytes, 0);
  }

  #advance(): void {
    const tick = Math.floor((this.#clock.now() - this.#start) / BUCKET_MS);
    if (tick - this.#tick >= BUCKETS) this.#buckets.fill(0);
    else for (let t = this.#tick + 1; t <= tick; t++) this.#buckets[t % BUCKETS] = 0;
    this.#tick = Math.max(this.#tick, tick);
  }
}
