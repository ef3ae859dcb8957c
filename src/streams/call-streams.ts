import type { Call } from '../call/call.ts';
import type { CallState } from '../call/call-events.ts';
import { checkMethods, checkOptions } from '../core/checks.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { badArgument, OpusError } from '../opus/errors.ts';
import { Framer, toFloat } from '../opus/framer.ts';
import type { Pcm } from '../opus/pcm.ts';
import type { ReadableOf, WritableOf } from './types.ts';

/** What `callStreams` takes. */
export type CallStreamsOptions = {
  /** The clock of the call, if that is not the system's. */
  readonly clock?: Clock;
};

/** A call as two streams. */
export type CallStreams = {
  /** What the peer says: one frame (interleaved f32, owned) in the time of one frame. */
  readonly readable: ReadableOf<Float32Array>;
  /** What this end says: pieces of any length, interleaved, sent in the time that they last. */
  readonly writable: WritableOf<Pcm>;
};

const TALKING: readonly CallState[] = ['active', 'reconnecting'];

/** Who is late by more than this does not hurry to catch up. */
const MAX_LATE_MS = 500;

/** Lets one frame pass in the time of one frame, from the moment when the call is active. */
class Pace {
  readonly #call: Call;
  readonly #clock: Clock;
  #due: number | undefined;
  #wake: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(call: Call, clock: Clock) {
    this.#call = call;
    this.#clock = clock;
    call.on('state', (state) => {
      if (state === 'active' || state === 'ended') this.#resume();
    });
  }

  /** Waits for the next frame's turn; false when the call has ended. */
  async next(): Promise<boolean> {
    for (let { state } = this.#call; !TALKING.includes(state); { state } = this.#call) {
      if (state === 'ended') return false;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const now = this.#clock.now();
    const due = this.#due ?? now;
    this.#due = (now - due > MAX_LATE_MS ? now : due) + this.#call.frameMs;
    if (due > now) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#cancelTimer = this.#clock.setTimer(due - now, () => this.#resume());
      });
    }
    return TALKING.includes(this.#call.state);
  }

  #resume(): void {
    this.#cancelTimer?.();
    this.#wake?.();
    this.#wake = undefined;
  }
}

/**
 * A call as a stream of what is heard and a stream of what is said: for bots that play a file, record,
 * or transcribe. Both wait for the call to be active and keep its time, whatever the other end of the
 * pipe is able to do. When the call ends, the readable ends and the writable errors; closing the
 * writable sends the last frame, filled up with silence, and leaves the call alone.
 * @param call as `Call.outgoing` and `Call.incoming` make it; nobody else may read and write it
 * @throws {OpusError} `bad-argument`; through the writable also `released`, when the call has ended
 * @example
 * import { callStreams } from 'sottovoce/streams';
 * const { readable, writable } = callStreams(call);
 * await speech.pipeTo(writable); // PCM at the rate of the call
 */
export function callStreams(call: Call, options: CallStreamsOptions = {}): CallStreams {
  checkMethods('call', call, ['read', 'write', 'on'], badArgument);
  checkOptions(options, ['clock'], badArgument);
  const { clock = systemClock() } = options;
  checkMethods('clock', clock, ['now', 'setTimer'], badArgument);
  const hearing = new Pace(call, clock);
  const speaking = new Pace(call, clock);
  const framer = new Framer(call.frameLength);
  const readable = new ReadableStream<Float32Array>(
    {
      async pull(controller) {
        if (await hearing.next()) controller.enqueue(call.read(new Float32Array(call.frameLength)));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const say = async (frame: Float32Array): Promise<void> => {
    if (!(await speaking.next())) throw new OpusError('released', 'the call has ended');
    call.write(frame);
  };
  const writable = new WritableStream<Pcm>({
    async write(pcm) {
      for (const frame of framer.push(toFloat(pcm, badArgument))) await say(frame);
    },
    async close() {
      if (framer.pending > 0) await say(framer.flush());
    },
  });
  return {
    readable: readable as unknown as ReadableOf<Float32Array>,
    writable: writable as unknown as WritableOf<Pcm>,
  };
}
