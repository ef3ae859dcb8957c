// Tickets look like any tag: the first 12 bytes are 6 random ones and 6 of a code under the operator's
// secret (reflector, section 7). So any client that can use a relay can use a ticket, and a relay
// keeps no list of those that were given out.
import { checkFunction, checkOptions } from '../core/checks.ts';
import { systemTime } from '../core/clock.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import { encodeUtf8 } from '../core/utf8.ts';
import { ADDRESS_BYTES, addressBytes } from './address.ts';
import { RelayError } from './errors.ts';
import { BASE_BYTES, TAG_BYTES } from './framing.ts';
import { OperatorSecret } from './secret.ts';

/** What a relay puts behind the answer to a padded ping, and a later ping brings back. */
export const PROOF_BYTES: number = 8;

const RANDOM_BYTES = 6;
const MAX_AUDIENCE = 255;
const SECONDS_PER_HOUR = 3600;
const fail = (message: string): RelayError => new RelayError('bad-argument', message);

/** Options of a relay ticket. */
export type RelayTicketOptions = {
  /**
   * The one relay that takes the ticket, by the name that it was started with, as in
   * `relay1.example:4001`. Default: every relay with this secret that has no name.
   */
  audience?: string;
  /** Seconds since 1970. Default: the system's date. */
  unixTime?(): number;
  /** Where the random bytes come from. Default: the runtime's secure generator. */
  random?: RandomSource;
};

export function checkAudience(audience: unknown): asserts audience is string {
  if (typeof audience !== 'string' || encodeUtf8(audience).length > MAX_AUDIENCE) {
    throw fail(`"audience" expected a text of at most ${MAX_AUDIENCE} bytes`);
  }
}

/** What a ticket's code is made of: its random bytes, the hour, who it is for. */
function ticketData(random: Uint8Array, hour: number, audience: Uint8Array): Uint8Array {
  const data = new Uint8Array(RANDOM_BYTES + 4 + audience.length);
  data.set(random.subarray(0, RANDOM_BYTES));
  new DataView(data.buffer).setUint32(RANDOM_BYTES, hour);
  data.set(audience, RANDOM_BYTES + 4);
  return data;
}

const TICKET = 'relay ticket 2';
const PROOF = 'relay address 1';

/**
 * The tag of one call, signed by the operator of the relays: the `peerTag` that both ends are told. A
 * relay with the same secret serves it from now until the end of the next full hour; a call that runs
 * by then goes on.
 * @param secret at least 16 bytes, the same as the relay's; 32 random ones are a good choice
 * @returns 16 bytes, owned: 12 of the ticket, 4 random ones
 * @throws {RelayError} `bad-argument`
 * @throws {RandomError} where there is no secure generator
 * @example
 * const peerTag = createRelayTicket(secret, { audience: 'relay1.example:4001' });
 * const endpoint = { kind: 'relay', host: '192.0.2.1', port: 4001, peerTag };
 */
export function createRelayTicket(
  secret: Uint8Array,
  options: RelayTicketOptions = {},
): Uint8Array {
  checkOptions(options, ['audience', 'unixTime', 'random'], fail);
  const { audience = '', unixTime = systemTime, random = systemRandom } = options;
  checkAudience(audience);
  checkFunction('unixTime', unixTime, fail);
  checkFunction('random', random, fail);
  const own = new OperatorSecret(secret);
  try {
    const tag = new Uint8Array(TAG_BYTES);
    random(tag);
    const hour = Math.floor(unixTime() / SECONDS_PER_HOUR);
    const data = ticketData(tag, hour, encodeUtf8(audience));
    tag.set(own.sign(TICKET, data, BASE_BYTES - RANDOM_BYTES), RANDOM_BYTES);
    return tag;
  } finally {
    own.close();
  }
}

/** Checks tickets, and proofs of addresses, for one relay. @internal */
export class TicketGate {
  readonly #secret: OperatorSecret;
  readonly #audience: Uint8Array;
  readonly #unixTime: () => number;

  /** @throws {RelayError} `bad-argument` */
  constructor(secret: Uint8Array, audience: string = '', unixTime: () => number = systemTime) {
    checkAudience(audience);
    this.#secret = new OperatorSecret(secret);
    this.#audience = encodeUtf8(audience);
    this.#unixTime = unixTime;
  }

  /** Hours since 1970. */
  get hour(): number {
    return Math.floor(this.#unixTime() / SECONDS_PER_HOUR);
  }

  /** Whether the first 12 bytes are a ticket of this hour or of the one before. */
  admits(frame: Uint8Array): boolean {
    const code = frame.subarray(RANDOM_BYTES, BASE_BYTES);
    const { hour } = this;
    // both, whatever the first says: when it was signed is nobody's business
    const now = this.#secret.verify(TICKET, ticketData(frame, hour, this.#audience), code);
    const before = this.#secret.verify(TICKET, ticketData(frame, hour - 1, this.#audience), code);
    return now || before;
  }

  /** The bytes that only somebody who receives at this address can know, or null. */
  proof(host: string, port: number, hour: number = this.hour): Uint8Array | null {
    const data = proofData(host, port, hour);
    return data && this.#secret.sign(PROOF, data, PROOF_BYTES);
  }

  /** Whether `proof` was made for this address in this hour or the one before. */
  proves(host: string, port: number, proof: Uint8Array): boolean {
    const { hour } = this;
    const now = proofData(host, port, hour);
    const before = proofData(host, port, hour - 1);
    if (!now || !before) return false;
    return this.#secret.verify(PROOF, now, proof) || this.#secret.verify(PROOF, before, proof);
  }

  /** Wipes the secret. Idempotent. */
  close(): void {
    this.#secret.close();
  }
}

function proofData(host: string, port: number, hour: number): Uint8Array | null {
  const address = addressBytes(host);
  if (!address) return null;
  const data = new Uint8Array(ADDRESS_BYTES + 6);
  const view = new DataView(data.buffer);
  data.set(address);
  view.setUint16(ADDRESS_BYTES, port);
  view.setUint32(ADDRESS_BYTES + 2, hour);
  return data;
}
