import type { EmojiFingerprint } from './emoji.ts';
import type { CallError } from './errors.ts';
import type { CallRole } from './packet-options.ts';
import type { DiscardReason } from './signalling.ts';
import type { CallPath, CallStats } from './stats.ts';

/**
 * Where a call stands.
 *
 * | state | entered when | left for, by itself |
 * |---|---|---|
 * | `idle` | it was made | |
 * | `requesting` | a caller has started | `ended` (`missed`) after `receive` ms without a sign |
 * | `ringing` | the callee's end has it | `ended` (`missed`) after `ring` ms |
 * | `incoming` | a callee was asked | `ended` (`missed`) after `ring` ms |
 * | `exchanging` | the callee has accepted | `ended` (`disconnect`) after `receive` ms |
 * | `connecting` | the key is agreed, the emojis are there | `ended` (`disconnect`) after `connect` ms |
 * | `active` | the negotiation was verified, and a packet sealed with the key has come | `reconnecting` |
 * | `reconnecting` | nothing valid has come for 2 s, on any path | `active` with the next packet, `ended` (`disconnect`) after `packet` ms |
 * | `ended` | somebody hung up, or something failed | |
 *
 * A caller goes through `requesting`, `ringing`, `exchanging`, `connecting`, `active`; a callee through
 * `incoming` in the place of the first two. From every state to `ended` by `hangUp`, by a message of
 * the peer, or by a failed check, at once.
 */
export type CallState =
  | 'idle'
  | 'requesting'
  | 'ringing'
  | 'incoming'
  | 'exchanging'
  | 'connecting'
  | 'active'
  | 'reconnecting'
  | 'ended';

/**
 * Why a call ended: what one end told the other, in the terms of Telegram, or what this end has found
 * out, of which the other one is told `disconnect`. `key-exchange`: a check of the exchange failed,
 * somebody may be in the middle. `downgrade`: what was negotiated in the open was changed on the way.
 */
export type CallEndReason = DiscardReason | 'key-exchange' | 'downgrade';

/**
 * One step of setting up the call, for display. `detail` holds public values only: bytes as hex, sizes,
 * names.
 */
export type CallStep = {
  /** What was done, in the order of a call. */
  readonly name:
    | 'commitment'
    | 'ringing'
    | 'public-value'
    | 'negotiated'
    | 'reveal'
    | 'commitment-verified'
    | 'key'
    | 'verified'
    | 'connected'
    | 'first-packet';
  /** Who did it. */
  readonly from: CallRole;
  /** Public values of this step, by name. */
  readonly detail: Readonly<Record<string, string | number>>;
};

/** How a call ended. */
export type CallEnd = {
  /** Why. */
  readonly reason: CallEndReason;
  /** Who ended it. */
  readonly by: CallRole;
  /** What went wrong here, if something did. */
  readonly error?: CallError;
  /** Whole seconds since the call was active, 0 if it never was. */
  readonly duration: number;
};

/** What handlers of `call.on` get. */
export type CallEvents = {
  /** The state has changed. */
  state: CallState;
  /** The key is agreed: these are to be shown and compared by voice. */
  emojis: EmojiFingerprint;
  /** The peer has muted itself, or not any more. */
  mute: boolean;
  /** Another path carries what this end sends. */
  path: CallPath;
  /** About once a second while there are paths: what `stats()` gives. */
  statistics: CallStats;
  /** A step of the exchange was taken, here or there. */
  step: CallStep;
  /** The call is over; the last event. */
  ended: CallEnd;
  /** Why it failed; comes before `ended`. */
  error: CallError;
};
