import type { CryptoCore, SharedKey } from '../crypto/index.ts';
import type { DatagramTransport, Endpoint } from '../transport/types.ts';
import { CallError } from './errors.ts';
import type { CallMessage } from './messages.ts';
import { PacketConnection } from './packet-connection.ts';
import type { CallRole, PacketStats } from './packet-options.ts';
import type { Path } from './paths/path.ts';
import { PathSet } from './paths/path-set.ts';
import { RateMeter } from './stats.ts';
import type { SteadyClock } from './steady-clock.ts';

/** What a link needs. */
export type MediaLinkOptions = {
  readonly key: SharedKey;
  readonly role: CallRole;
  readonly clock: SteadyClock;
  readonly packetTimeoutMs: number;
  /** Opens a transport for the path of that number. */
  connect(endpoint: Endpoint, id: number): DatagramTransport | Promise<DatagramTransport>;
  /** An RTP packet of the peer; borrowed. */
  onAudio(data: Uint8Array): void;
  /** The peer cannot be heard, by its own will, or can again. */
  onRemoteMute(muted: boolean): void;
  /** The first valid packet has come: the peer holds the same key. */
  onAlive(): void;
  /** No path has brought anything for a while, or one does again. */
  onReconnecting(reconnecting: boolean): void;
  /** Nothing valid came for `packetTimeoutMs`. */
  onLost(): void;
  /** Nothing can be sent any more: the counters are used up. */
  onFault(error: CallError): void;
  /** Ten times a second. */
  onTick(): void;
  /** A path was opened. */
  onOpen(path: Path): void;
  /** Another path carries the call. */
  onActive(path: Path): void;
};

/** So long nothing comes before a call is said to be reconnecting (call-quality, section 1). */
const RECONNECTING_MS = 2000;

/**
 * Datagrams of one path that are looked at in a tenth of a second. Opening one costs a hash, and whoever
 * floods a path must not get more than a small part of a processor (reflector, section 6).
 */
const MAX_PER_TICK = 500;

/** The sealed channel on all its paths: keeps it alive, measures it, notices when it is dead. */
export class MediaLink {
  readonly connection: PacketConnection;
  readonly paths: PathSet;
  readonly #options: MediaLinkOptions;
  readonly #sentRate: RateMeter;
  readonly #receivedRate: RateMeter;
  /** The path on which the packet that is being opened came, and where the next one has to go. */
  #from: Path | undefined;
  #to: Path | undefined;
  #proved = true;
  #flooded = 0;
  #muted = false;
  #mutedSent = false;
  #alive = false;
  #reconnecting = false;
  #closed = false;

  constructor(crypto: CryptoCore, options: MediaLinkOptions) {
    const { key, role, clock } = options;
    this.#options = options;
    this.#sentRate = new RateMeter(clock);
    this.#receivedRate = new RateMeter(clock);
    this.connection = new PacketConnection(crypto, {
      key,
      role,
      channel: 'transport',
      mode: 'typed',
      clock,
      onPacket: (packet) => {
        this.#sentRate.add(packet.length);
        if (this.#to) this.#to.send(packet);
        else this.paths.send(packet);
      },
      onMessage: (message) => this.#hear(message),
    });
    this.paths = new PathSet({
      clock,
      connect: options.connect,
      probe: (path, probe) => this.#sendOn(path, probe),
      onDatagram: (path, datagram) => this.#receive(path, datagram),
      onOpen: options.onOpen,
      onActive: options.onActive,
      onTick: () => this.#tick(),
    });
  }

  /** Counters of the connection, and bit/s of the last second. */
  get stats(): PacketStats & { bitrate: { sent: number; received: number } } {
    const { bitrate: sent } = this.#sentRate;
    const { bitrate: received } = this.#receivedRate;
    const { stats } = this.connection;
    const [all, dropped] = [stats.received + this.#flooded, stats.dropped + this.#flooded];
    return { ...stats, received: all, dropped, bitrate: { sent, received } };
  }

  /** Tells the peer that it hears nothing from now on, or does again; until it knows. */
  mute(muted: boolean): void {
    this.#muted = muted;
    this.#tellMute();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.paths.close();
    this.connection.close();
  }

  #receive(path: Path, datagram: Uint8Array): void {
    if (this.#closed) return;
    this.#receivedRate.add(datagram.length);
    if (++path.taken > MAX_PER_TICK) {
      this.#flooded++;
      return;
    }
    const outer = this.#from;
    this.#from = path;
    this.#proved = false;
    const valid = this.connection.receive(datagram);
    if (valid) this.#prove();
    this.#from = outer;
    this.#proved = true;
  }

  #hear(message: CallMessage): void {
    const path = this.#from;
    this.#prove();
    if (this.#closed || !path) return;
    if (message.type === 'audioData') this.#options.onAudio(message.data);
    else if (message.type === 'pathProbe') this.paths.hearProbe(path, message);
    else if (message.type === 'remoteMediaState') this.#options.onRemoteMute(message.audio === 0);
  }

  #sendOn(path: Path, message: CallMessage): void {
    if (this.#closed) return;
    this.#to = path;
    try {
      this.connection.send(message);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.#options.onFault(error);
    } finally {
      this.#to = undefined;
    }
  }

  /** The packet that is being opened was sealed by the peer, and is new. Counts once for each packet. */
  #prove(): void {
    const path = this.#from;
    if (this.#closed || !path || this.#proved) return;
    this.#proved = true;
    this.paths.heard(path);
    if (this.#reconnecting) {
      this.#reconnecting = false;
      this.#options.onReconnecting(false);
    }
    if (this.#alive) return;
    this.#alive = true;
    this.#options.onAlive();
  }

  #tick(): void {
    for (const path of this.paths.paths) path.taken = 0;
    this.#tellMute();
    if (this.#closed) return;
    this.#options.onTick();
    if (!this.#alive || this.#closed) return;
    const { silentMs } = this.paths;
    if (silentMs >= this.#options.packetTimeoutMs) this.#options.onLost();
    else if (silentMs >= RECONNECTING_MS && !this.#reconnecting) {
      this.#reconnecting = true;
      this.#options.onReconnecting(true);
    }
  }

  /** One state is on its way at a time: a peer that does not acknowledge does not fill our memory. */
  #tellMute(): void {
    if (this.#muted === this.#mutedSent || !this.#alive || this.#closed) return;
    if (this.connection.unacknowledged > 0) return;
    this.#mutedSent = this.#muted;
    try {
      this.connection.send({ type: 'remoteMediaState', audio: this.#muted ? 0 : 1, video: 0 });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.#options.onFault(error);
    }
  }
}
