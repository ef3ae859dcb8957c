import type { Clock } from '../core/clock.ts';
import type { CryptoCore, SharedKey } from '../crypto/index.ts';
import type { DatagramTransport } from '../transport/types.ts';
import { PacketConnection } from './packet-connection.ts';
import type { CallRole, PacketStats } from './packet-options.ts';
import { RateMeter } from './stats.ts';

/** What a link needs. */
export type MediaLinkOptions = {
  readonly key: SharedKey;
  readonly role: CallRole;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
  readonly packetTimeoutMs: number;
  /** An RTP packet of the peer; borrowed. */
  onAudio(data: Uint8Array): void;
  /** The first valid packet has come: the peer holds the same key. */
  onAlive(): void;
  /** No valid packet came in time; `alive`: there had been some before. */
  onSilence(alive: boolean): void;
};

/** How often the link asks for an acknowledgement: round trip time, and a sign of life. */
const STATUS_MS = 1000;

/** The sealed channel on its transport: keeps it alive, measures it, notices when it is dead. */
export class MediaLink {
  readonly connection: PacketConnection;
  readonly #options: MediaLinkOptions;
  #transport: DatagramTransport | undefined;
  #alive = false;
  #lastValid: number;
  #cancelWatch: (() => void) | undefined;
  #cancelStatus: (() => void) | undefined;
  #closed = false;
  readonly #sentRate: RateMeter;
  readonly #receivedRate: RateMeter;

  constructor(crypto: CryptoCore, options: MediaLinkOptions) {
    const { key, role, clock } = options;
    this.#options = options;
    this.#lastValid = clock.now();
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
        this.#transport?.send(packet);
      },
      onMessage: (message) => {
        this.#prove();
        if (message.type === 'audioData') this.#options.onAudio(message.data);
      },
    });
    this.#watch(options.connectTimeoutMs);
  }

  /** Counters of the connection, and bit/s of the last second. */
  get stats(): PacketStats & { bitrate: { sent: number; received: number } } {
    const { bitrate: sent } = this.#sentRate;
    const { bitrate: received } = this.#receivedRate;
    return { ...this.connection.stats, bitrate: { sent, received } };
  }

  /** Starts to use a transport. */
  attach(transport: DatagramTransport): void {
    this.#transport = transport;
    transport.onDatagram((datagram) => {
      if (this.#closed) return;
      this.#receivedRate.add(datagram.length);
      if (this.connection.receive(datagram)) this.#prove();
    });
    this.#sendStatus();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelWatch?.();
    this.#cancelStatus?.();
    this.#transport?.close();
    this.connection.close();
  }

  /** Says something that has to be acknowledged, now and every second. */
  #sendStatus(): void {
    if (this.#closed) return;
    this.#cancelStatus = this.#options.clock.setTimer(STATUS_MS, () => this.#sendStatus());
    this.connection.send({
      type: 'remoteNetworkStatus',
      isLowCost: false,
      isLowDataRequested: false,
    });
  }

  #prove(): void {
    if (this.#closed) return;
    this.#lastValid = this.#options.clock.now();
    if (this.#alive) return;
    this.#alive = true;
    this.#cancelWatch?.();
    this.#watch(this.#options.packetTimeoutMs);
    this.#options.onAlive();
  }

  /** One timer at a time: when it rings and something has come meanwhile, it waits for the rest. */
  #watch(delayMs: number): void {
    this.#cancelWatch = this.#options.clock.setTimer(delayMs, () => {
      if (!this.#alive) {
        this.#options.onSilence(false);
        return;
      }
      const { packetTimeoutMs, clock } = this.#options;
      const left = this.#lastValid + packetTimeoutMs - clock.now();
      if (left > 0) this.#watch(left);
      else this.#options.onSilence(true);
    });
  }
}
