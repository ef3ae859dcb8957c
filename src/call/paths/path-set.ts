import type { Clock } from '../../core/clock.ts';
import type { DatagramTransport, Endpoint } from '../../transport/types.ts';
import type { CallMessage } from '../messages.ts';
import { Path } from './path.ts';
import {
  answerLimit,
  cheapest,
  isBetter,
  isFarBetter,
  isFresh,
  MAX_UNANSWERED,
  probeInterval,
  quietLimit,
  TICK_MS,
} from './rules.ts';

/** A question or an answer on one path. */
export type PathProbe = Extract<CallMessage, { type: 'pathProbe' }>;

/** What a set of paths needs. */
export type PathSetOptions = {
  /** Must not jump: see `SteadyClock`. */
  readonly clock: Clock;
  /** Opens a transport for the path of that number. */
  connect(endpoint: Endpoint, id: number): DatagramTransport | Promise<DatagramTransport>;
  /** Seals a probe and sends it by `path.send`. */
  probe(path: Path, probe: PathProbe): void;
  onDatagram(path: Path, datagram: Uint8Array): void;
  /** A transport is there. */
  onOpen(path: Path): void;
  /** From now on that path carries the call. */
  onActive(path: Path): void;
  /** Ten times a second. */
  onTick(): void;
};

/** Paths at one end: 16 of its own relays and 16 addresses of the peer. */
const MAX_PATHS = 32;

/** Beside the active path so many carry copies while something is wrong. */
const MAX_COPIES = 3;

/** A path that has not brought anything for so long is no place for copies. */
const COPY_MS = 15_000;

/** How long a peer that hears nothing is believed, since it said so. */
const DEAF_MS = 700;

/** How long the peer is told that nothing comes, when a transport has died. */
const ALARM_MS = 300;

/** A better path has to stay better for so long, and the last change so long ago. */
const BETTER_MS = 1000;
const SOON_MS = 200;
const SETTLED_MS = 2000;

/** What becomes of a path that brings nothing: so long after, it gets another transport. */
const REOPEN_MS = 5000;
const REOPEN_ALONE_MS = 2000;

/** Pause after a failed attempt, doubled with each one. */
const RETRY_MS = 500;
const MAX_RETRY_MS = 8000;

/** Answers in a second, so that nobody can make this end talk. */
const MAX_ANSWERS = 50;

/** How much a new gap between packets counts, and the longest one that does. */
const GAP_WEIGHT = 1 / 16;
const MAX_GAP_MS = 500;

/**
 * All paths to the peer, side by side. Each is probed with sealed packets; the best one carries the
 * call, and when it seems to fail the others carry copies until it is clear who lives. Nothing that is
 * not sealed with the key of the call decides anything, but that a transport says that it died.
 */
export class PathSet {
  readonly #options: PathSetOptions;
  readonly #clock: Clock;
  readonly #paths: Path[] = [];
  #active: Path | undefined;
  #activeAt = 0;
  #changes = 0;
  /** Since when something is wrong. */
  #suspectAt: number | undefined;
  #deafUntil = -Infinity;
  #alarmUntil = -Infinity;
  #better: { readonly path: Path; readonly at: number } | undefined;
  #heardAt = -Infinity;
  #gapMs = 100;
  #answers = 0;
  #answersAt = 0;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(options: PathSetOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#schedule();
  }

  get paths(): readonly Path[] {
    return this.#paths;
  }

  /** The one that carries the call. */
  get active(): Path | undefined {
    return this.#active;
  }

  /** Ms since anything valid came, on any path; infinite before. */
  get silentMs(): number {
    return this.#clock.now() - this.#heardAt;
  }

  /** Adds a path and opens it. Nothing happens when there are too many. */
  add(endpoint: Endpoint, id: number = this.#paths.length): void {
    if (this.#closed || this.#paths.length >= MAX_PATHS) return;
    const { onDatagram, onOpen } = this.#options;
    const path = new Path({
      id,
      endpoint,
      open: () => this.#options.connect(endpoint, id),
      onDatagram,
      onOpen: () => {
        path.openedAt = this.#clock.now();
        onOpen(path);
        this.#probeDue();
      },
      onGone: () => {
        const backoff = RETRY_MS * 2 ** Math.min(10, Math.max(0, path.failures - 1));
        path.openAt = this.#clock.now() + Math.min(MAX_RETRY_MS, backoff);
        if (path === this.#active) this.#alarm();
        this.#choose();
      },
    });
    this.#paths.push(path);
    void path.connect();
  }

  /** Opens every path anew: the network under them has changed. */
  reopen(): void {
    for (const path of this.#paths) this.#reopen(path);
  }

  /** Opens one path anew, in place of what is being opened. */
  reopenOne(id: number): void {
    void this.#paths.find((path) => path.id === id)?.connect();
  }

  /** Sends a sealed packet to the peer; while something is wrong, on several paths. */
  send(packet: Uint8Array): void {
    const active = this.#active;
    active?.send(packet);
    if (active && this.#suspectAt === undefined) return;
    const now = this.#clock.now();
    let copies = 0;
    for (const path of this.#paths) {
      if (path === active || !path.proven || now - path.heardAt > COPY_MS) continue;
      path.send(packet);
      path.skipLoss();
      if (++copies === MAX_COPIES) break;
    }
    if (copies > 0) active?.skipLoss();
  }

  /** A valid packet came on that path. */
  heard(path: Path): void {
    const now = this.#clock.now();
    if (this.#heardAt > -Infinity) {
      this.#gapMs += (Math.min(MAX_GAP_MS, now - this.#heardAt) - this.#gapMs) * GAP_WEIGHT;
    }
    this.#heardAt = now;
    path.heard = (path.heard + 1) >>> 0;
    path.heardAt = now;
    if (!this.#active) this.#choose();
  }

  /** A probe came on that path. */
  hearProbe(path: Path, probe: PathProbe): void {
    const now = this.#clock.now();
    if (probe.silent) this.#deafUntil = now + DEAF_MS;
    if (probe.reply) {
      const asked = this.#paths.find(({ id }) => id === probe.path);
      if (asked?.answer(probe.id, probe.received, now)) this.#choose();
      return;
    }
    if (now - this.#answersAt >= 1000) {
      this.#answersAt = now;
      this.#answers = 0;
    }
    if (++this.#answers > MAX_ANSWERS) return;
    const { path: number, id } = probe;
    this.#options.probe(path, this.#probe({ reply: true, path: number, id, received: path.heard }));
  }

  /** Closes all transports and stops. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancel?.();
    this.#active = undefined;
    for (const path of this.#paths) path.close();
  }

  #schedule(): void {
    this.#cancel = this.#clock.setTimer(TICK_MS, () => {
      if (this.#closed) return;
      this.#schedule();
      this.#tick();
    });
  }

  #tick(): void {
    const now = this.#clock.now();
    for (const path of this.#paths) {
      if (!path.open && !path.opening && now >= path.openAt) void path.connect();
      else if (this.#isDead(path, now)) this.#reopen(path);
    }
    this.#choose();
    this.#probeDue();
    // A handler of what has just changed may have ended the call.
    if (!this.#closed) this.#options.onTick();
  }

  /** A path that worked and does not any more. Another transport may have another address. */
  #isDead(path: Path, now: number): boolean {
    if (!path.open || path.heardAt === -Infinity) return false;
    const limit = this.silentMs > REOPEN_ALONE_MS ? REOPEN_ALONE_MS : REOPEN_MS;
    const backoff = Math.min(MAX_RETRY_MS, limit * 2 ** Math.min(5, path.failures));
    return now - Math.max(path.heardAt, path.openedAt, path.reopenedAt) > backoff;
  }

  #reopen(path: Path): void {
    if (path.opening || this.#closed) return;
    path.reopenedAt = this.#clock.now();
    path.failures++;
    void path.connect();
  }

  #probe(probe: Omit<PathProbe, 'type' | 'silent'>): PathProbe {
    return { type: 'pathProbe', silent: this.#quiet, ...probe };
  }

  #probeDue(): void {
    const now = this.#clock.now();
    for (const path of this.#paths) {
      if (this.#closed) return;
      if (!path.open) continue;
      const interval = probeInterval(
        path,
        now,
        path === this.#active,
        this.#suspectAt !== undefined,
      );
      if (now - path.probedAt < interval && path.probedAt >= path.openedAt) continue;
      const id = path.startProbe(now);
      const probe = this.#probe({ reply: false, path: path.id, id, received: path.heard });
      this.#options.probe(path, probe);
    }
  }

  /**
   * The active path has died, as its transport says: nothing of what the peer sends on it will come,
   * and the peer cannot know.
   */
  #alarm(): void {
    this.#alarmUntil = this.#clock.now() + ALARM_MS;
    for (const path of this.#paths) path.probedAt = -Infinity;
    this.#probeDue();
  }

  /** Less has come than usual, or is going to. */
  get #quiet(): boolean {
    if (this.#clock.now() < this.#alarmUntil) return true;
    return this.#heardAt > -Infinity && this.silentMs > quietLimit(this.#gapMs);
  }

  /** Looks at everything again, and changes the path if that is called for. */
  #choose(): void {
    if (this.#closed) return;
    const now = this.#clock.now();
    const active = this.#active;
    if (!active?.open) {
      const fresh = this.#paths.filter((path) => isFresh(path, now));
      this.#activate(cheapest(fresh) ?? this.#lastHeard());
      return;
    }
    this.#suspect(active, now);
    if (this.#suspectAt !== undefined) this.#leaveDead(active, this.#suspectAt, now);
    else this.#improve(active, now);
  }

  #suspect(active: Path, now: number): void {
    const stalled = active.unanswered >= MAX_UNANSWERED;
    const wrong = this.#quiet || now < this.#deafUntil || stalled;
    if (!wrong) this.#suspectAt = undefined;
    else this.#suspectAt ??= now;
  }

  /** Others have answered since the doubt began, and this one has not, though it had the time. */
  #leaveDead(active: Path, since: number, now: number): void {
    if (active.answeredAt > since || now - since < answerLimit(active)) return;
    const alive = this.#paths.filter((path) => path !== active && path.answeredAt > since);
    this.#activate(cheapest(alive));
  }

  #improve(active: Path, now: number): void {
    const fresh = this.#paths.filter((path) => path !== active && isFresh(path, now));
    const best = cheapest(fresh);
    if (!best || !isBetter(best, active)) {
      this.#better = undefined;
      return;
    }
    if (this.#better?.path !== best) this.#better = { path: best, at: now };
    const settled = now - this.#activeAt >= SETTLED_MS;
    // The first one is only the first that was there.
    const soon = (this.#changes === 1 && !settled) || isFarBetter(best, active);
    if (now - this.#better.at < (soon ? SOON_MS : BETTER_MS)) return;
    if (soon || settled) this.#activate(best);
  }

  #lastHeard(): Path | undefined {
    let last: Path | undefined;
    for (const path of this.#paths) {
      if (path.proven && (!last || path.heardAt > last.heardAt)) last = path;
    }
    return last;
  }

  #activate(path: Path | undefined): void {
    if (!path || path === this.#active) return;
    this.#active = path;
    this.#changes++;
    this.#activeAt = this.#clock.now();
    this.#suspectAt = undefined;
    this.#deafUntil = -Infinity;
    this.#better = undefined;
    this.#options.onActive(path);
  }
}
