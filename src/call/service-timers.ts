import type { Clock } from '../core/clock.ts';

/** Media and signalling packets are sealed with different parts of the key. */
export type Channel = 'transport' | 'signaling';

/** Why a service packet is sent: something new arrived, the ack timer rang, the resend timer rang. */
export type ServiceCause = 0 | 1 | 2;

/** Of both the ack and the resend timer. */
const PERIOD_MS = { transport: 1000, signaling: 5000 } as const;

/** The three timers of a connection. Each is named by the cause that it rings with. */
export class ServiceTimers {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #ring: (cause: ServiceCause) => void;
  readonly #cancel: ((() => void) | undefined)[] = [];

  constructor(clock: Clock, channel: Channel, ring: (cause: ServiceCause) => void) {
    this.#clock = clock;
    this.#periodMs = PERIOD_MS[channel];
    this.#ring = ring;
  }

  /** Something new arrived: as a task of its own, so that an own message may take the acks along. */
  startService(): void {
    this.#start(0, 0);
  }

  /** Only repeats arrived: acknowledge them again, but without haste. */
  startAck(): void {
    this.#start(1, this.#periodMs);
  }

  /** Something was sent that waits for an acknowledgement. */
  startResend(): void {
    this.#start(2, this.#periodMs);
  }

  stop(cause: ServiceCause): void {
    this.#cancel[cause]?.();
    this.#cancel[cause] = undefined;
  }

  stopAll(): void {
    this.stop(0);
    this.stop(1);
    this.stop(2);
  }

  #start(cause: ServiceCause, delayMs: number): void {
    this.#cancel[cause] ??= this.#clock.setTimer(delayMs, () => {
      this.#cancel[cause] = undefined;
      this.#ring(cause);
    });
  }
}
