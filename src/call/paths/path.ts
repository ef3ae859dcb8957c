import type { DatagramTransport, Endpoint } from '../../transport/types.ts';
import { isDirect } from '../endpoints.ts';

/** What a path needs. */
export type PathOptions = {
  /** Its number at this end, 0..255. */
  readonly id: number;
  readonly endpoint: Endpoint;
  /** Opens a transport to the endpoint, or fails. */
  open(): DatagramTransport | Promise<DatagramTransport>;
  /** A transport is there. */
  onOpen(path: Path): void;
  /** The transport died, or none could be opened. */
  onGone(path: Path): void;
  onDatagram(path: Path, datagram: Uint8Array): void;
};

/** A probe on its way. */
type Pending = { readonly at: number; readonly sent: number };

/** Probes that are remembered; an answer to an older one says nothing any more. */
const MAX_PENDING = 16;

/** Packets that a measurement of loss needs. */
const LOSS_SAMPLE = 5;

/** How much a new sample counts: of a round trip; of a loss, by the packets in it. */
const RTT_WEIGHT = 1 / 4;
const LOSS_WEIGHT = 1 / 50;
const MAX_LOSS_WEIGHT = 1 / 2;

const METHODS = ['send', 'onDatagram', 'close'] as const;

/** One way to the peer: its transport, which may be opened again, and what was measured on it. */
export class Path {
  readonly id: number;
  readonly endpoint: Endpoint;
  /** Packets on it show the two ends each other's addresses. */
  readonly direct: boolean;
  /** Valid packets that came on it, and when the last one did. */
  heard = 0;
  heardAt: number = -Infinity;
  /** Datagrams that came on it since the last tick, valid or not. */
  taken = 0;
  /** Packets that left on it. */
  sent = 0;
  /** When the last probe was sent. */
  probedAt: number = -Infinity;
  /** When the last answer came, and how many probes have been sent since. */
  answeredAt: number = -Infinity;
  unanswered = 0;
  /** Smoothed; null before the first answer. */
  rttMs: number | null = null;
  /** Share of the packets sent that did not arrive, smoothed. */
  loss = 0;
  /** Why no transport could be opened, if so. */
  failure: unknown;
  /** Failed attempts in a row, and when the next one is due. */
  failures = 0;
  openAt = 0;
  /** When the transport came, and when another one was asked for. */
  openedAt: number = -Infinity;
  reopenedAt: number = -Infinity;
  readonly #options: PathOptions;
  readonly #pending: Map<number, Pending> = new Map();
  #nextId = 0;
  /** Counts at the beginning of the present measurement of loss. */
  #base: { readonly sent: number; readonly received: number } | undefined;
  #countFrom = 0;
  #transport: DatagramTransport | undefined;
  #attempt = 0;
  #opening = false;
  #closed = false;

  constructor(options: PathOptions) {
    this.id = options.id;
    this.endpoint = options.endpoint;
    this.direct = isDirect(options.endpoint);
    this.#options = options;
  }

  /** A transport is there. */
  get open(): boolean {
    return this.#transport !== undefined;
  }

  /** A transport is being opened. */
  get opening(): boolean {
    return this.#opening;
  }

  /** Something valid has come on this transport: the peer is at its other end. */
  get proven(): boolean {
    return this.open && this.heardAt >= this.openedAt;
  }

  /** Opens a transport; the one there is stays in use until the other one is there. */
  async connect(): Promise<void> {
    if (this.#closed) return;
    const attempt = ++this.#attempt;
    this.#opening = true;
    let transport: DatagramTransport | undefined;
    try {
      transport = await this.#options.open();
      for (const method of METHODS) {
        if (typeof transport?.[method] !== 'function') throw new TypeError(`no ${method}()`);
      }
    } catch (cause) {
      if (this.#closed || attempt !== this.#attempt) return;
      this.#opening = false;
      this.failure = cause;
      this.failures++;
      if (!this.open) this.#options.onGone(this);
      return;
    }
    if (this.#closed || attempt !== this.#attempt) {
      if (transport !== this.#transport) transport.close();
      return;
    }
    this.#opening = false;
    if (transport !== this.#transport) this.#leave();
    this.#transport = transport;
    transport.onDatagram((datagram) => {
      if (this.#transport === transport) this.#options.onDatagram(this, datagram);
    });
    transport.onClose?.(() => {
      if (this.#transport === transport) this.#die();
    });
    this.#options.onOpen(this);
  }

  /** Sends a packet, if there is a transport. */
  send(packet: Uint8Array): void {
    if (!this.#transport) return;
    this.sent++;
    try {
      this.#transport.send(packet);
    } catch (cause) {
      this.failure = cause;
      this.#die();
    }
  }

  /** The number of a new probe, sent at `now`. */
  startProbe(now: number): number {
    const id = this.#nextId;
    this.#nextId = (id + 1) & 0xffff;
    this.#pending.set(id, { at: now, sent: this.sent });
    for (const old of this.#pending.keys()) {
      if (this.#pending.size <= MAX_PENDING) break;
      this.#pending.delete(old);
    }
    this.probedAt = now;
    this.unanswered++;
    return id;
  }

  /**
   * An answer came. `received`: how many packets the peer had had on this path when it answered.
   * @returns false when nobody asked
   */
  answer(id: number, received: number, now: number): boolean {
    const asked = this.#pending.get(id);
    if (!asked) return false;
    this.#pending.delete(id);
    this.answeredAt = now;
    this.unanswered = 0;
    this.failures = 0;
    const rtt = now - asked.at;
    this.rttMs = this.rttMs === null ? rtt : this.rttMs + (rtt - this.rttMs) * RTT_WEIGHT;
    this.#measureLoss(asked.sent, received);
    return true;
  }

  /**
   * What was sent until now went over several paths, and the peer counts only the first copy: it says
   * nothing about this one.
   */
  skipLoss(): void {
    this.#base = undefined;
    this.#countFrom = this.sent;
  }

  /** Ends it. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#leave();
  }

  #measureLoss(sent: number, received: number): void {
    if (sent < this.#countFrom) return;
    const base = this.#base;
    if (!base || received < base.received) {
      this.#base = { sent, received };
      return;
    }
    const count = sent - base.sent;
    if (count < LOSS_SAMPLE) return;
    const lost = Math.max(0, 1 - (received - base.received) / count);
    this.loss += (lost - this.loss) * Math.min(MAX_LOSS_WEIGHT, count * LOSS_WEIGHT);
    this.#base = { sent, received };
  }

  #die(): void {
    this.failures++;
    this.#leave();
    this.#options.onGone(this);
  }

  /** Gives the transport up and forgets what holds for that one only. */
  #leave(): void {
    const transport = this.#transport;
    this.#transport = undefined;
    this.#pending.clear();
    this.#base = undefined;
    this.unanswered = 0;
    this.answeredAt = -Infinity;
    transport?.close();
  }
}
