import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkLength,
  checkOptions,
} from '../core/checks.ts';
import { systemTime } from '../core/clock.ts';
import { toHex } from '../core/hex.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import { TOKEN_BYTES } from '../core/room-frames.ts';
import { RelayError } from './errors.ts';
import { OperatorSecret } from './secret.ts';

/** Of a token: the room, its last second, and the code over both. */
export const ROOM_BYTES: number = 16;
const EXPIRY_BYTES = 4;
const CODE_BYTES = TOKEN_BYTES - ROOM_BYTES - EXPIRY_BYTES;
const LABEL = 'room token 1';
const DAY = 86_400;
const fail = (message: string): RelayError => new RelayError('bad-argument', message);

/** Options of a room token. */
export type RoomTokenOptions = {
  /** The room, 16 bytes. Default: random ones. */
  room?: Uint8Array;
  /** Seconds until nobody can enter with it any more, 1 to 30 days. Default 3600. */
  seconds?: number;
  /** Seconds since 1970. Default: the system's date. */
  unixTime?(): number;
  /** Where the random bytes come from. Default: the runtime's secure generator. */
  random?: RandomSource;
};

/**
 * Lets two people meet at a signalling server: both are given the same token. Whoever has it can take
 * one of the two places, so it travels as secretly as an invitation should; it opens no call by itself.
 * @param secret at least 16 bytes, the same as the server's
 * @returns 72 hexadecimal digits
 * @throws {RelayError} `bad-argument`
 * @throws {RandomError} where there is no secure generator
 * @example
 * const token = createRoomToken(secret, { seconds: 600 });
 */
export function createRoomToken(secret: Uint8Array, options: RoomTokenOptions = {}): string {
  checkOptions(options, ['room', 'seconds', 'unixTime', 'random'], fail);
  const { room, seconds = 3600, unixTime = systemTime, random = systemRandom } = options;
  checkInteger('seconds', seconds, 1, 30 * DAY, fail);
  checkFunction('unixTime', unixTime, fail);
  checkFunction('random', random, fail);
  const own = new OperatorSecret(secret);
  try {
    const token = new Uint8Array(TOKEN_BYTES);
    if (room === undefined) {
      random(token.subarray(0, ROOM_BYTES));
    } else {
      checkBytes('room', room, fail);
      checkLength('room', room, ROOM_BYTES, fail);
      token.set(room);
    }
    new DataView(token.buffer).setUint32(ROOM_BYTES, Math.floor(unixTime()) + seconds);
    const data = token.subarray(0, ROOM_BYTES + EXPIRY_BYTES);
    token.set(own.sign(LABEL, data, CODE_BYTES), ROOM_BYTES + EXPIRY_BYTES);
    return toHex(token);
  } finally {
    own.close();
  }
}

/** Checks room tokens. @internal */
export class RoomGate {
  readonly #secret: OperatorSecret;
  readonly #unixTime: () => number;

  /** @throws {RelayError} `bad-argument` */
  constructor(secret: Uint8Array, unixTime: () => number = systemTime) {
    this.#secret = new OperatorSecret(secret);
    this.#unixTime = unixTime;
  }

  /** What a token is worth: `none`, or `expired`, or `good`. */
  check(token: Uint8Array): 'good' | 'expired' | 'none' {
    if (token.length !== TOKEN_BYTES) return 'none';
    const data = token.subarray(0, ROOM_BYTES + EXPIRY_BYTES);
    if (!this.#secret.verify(LABEL, data, token.subarray(ROOM_BYTES + EXPIRY_BYTES))) return 'none';
    const expiry = new DataView(token.buffer, token.byteOffset).getUint32(ROOM_BYTES);
    return this.#unixTime() < expiry ? 'good' : 'expired';
  }

  /** Wipes the secret. Idempotent. */
  close(): void {
    this.#secret.close();
  }
}
