import type { EmojiFingerprint } from './emoji.ts';
import type { CallError } from './errors.ts';
import type { CallRole } from './packet-options.ts';
import type { DiscardReason } from './signalling.ts';

/**
 * Where a call stands. A caller goes `idle`, `requesting`, `ringing`, `exchanging`, `ready`, `active`,
 * `ended`; a callee `idle`, `incoming`, `exchanging`, `ready`, `active`, `ended`. In `ready` the key is
 * agreed and the path is being opened; `active` means that a packet sealed with the key has come.
 */
export type CallState =
  | 'idle'
  | 'requesting'
  | 'ringing'
  | 'incoming'
  | 'exchanging'
  | 'ready'
  | 'active'
  | 'ended';

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
    | 'connected'
    | 'first-packet';
  /** Who did it. */
  readonly from: CallRole;
  /** Public values of this step, by name. */
  readonly detail: Readonly<Record<string, string | number>>;
};

/** How a call ended. */
export type CallEnd = {
  /** Why, in the terms of Telegram. */
  readonly reason: DiscardReason;
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
  /** A step of the exchange was taken, here or there. */
  step: CallStep;
  /** The call is over; the last event. */
  ended: CallEnd;
  /** Why it failed; comes before `ended`. */
  error: CallError;
};
