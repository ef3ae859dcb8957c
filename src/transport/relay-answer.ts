import type { Clock } from '../core/clock.ts';
import { TransportError } from './errors.ts';
import { RelayTransport } from './relayed.ts';
import type { DatagramTransport, PathContext } from './types.ts';

/** Who an end is in a call, by which the suffixes are given. */
export type RelayRole = 'caller' | 'callee';

/** What everything that connects to a relay takes. The context that a call gives may stand among them. */
export type ConnectRelayOptions = Partial<PathContext> & {
  /** Times the hellos to a relay. Default: the system's. */
  clock?: Clock;
  /** How long a relay may take to answer, in ms of `clock`. Default 10000. */
  answerTimeoutMs?: number;
};

/** As many as 20 hellos. */
export const DEFAULT_ANSWER_MS = 10_000;
export const RELAY_OPTIONS: readonly string[] = ['clock', 'answerTimeoutMs', 'channel', 'p2p'];

/** A path through a relay that has answered. Closes it, and the transport, when none comes in time. */
export async function answeredBy(
  transport: DatagramTransport,
  peerTag: Uint8Array,
  role: RelayRole,
  clock: Clock,
  timeoutMs: number,
  stream: boolean,
): Promise<RelayTransport> {
  const path = new RelayTransport({ transport, peerTag, role, clock, stream });
  let reason: TransportError | undefined;
  const giveUp = (why: string): void => {
    reason = new TransportError('no-answer', why);
    path.close();
  };
  const cancel = clock.setTimer(timeoutMs, () =>
    giveUp(`no answer of the relay in ${timeoutMs} ms`),
  );
  path.onClose(() => giveUp('the relay has closed the connection'));
  try {
    await path.ready;
    return path;
  } catch (cause) {
    throw reason ?? cause;
  } finally {
    cancel();
    path.onClose(() => {});
  }
}
