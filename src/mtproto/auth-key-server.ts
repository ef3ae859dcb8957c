import { copyBytes } from '../core/bytes.ts';
import { checkBytes, checkInteger, checkOptions } from '../core/checks.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import {
  type CryptoCore,
  checkDhConfig,
  DH_GENERATOR,
  DH_PRIME,
  type SharedKey,
} from '../crypto/index.ts';
import {
  decodeClientDhInner,
  decodeInnerData,
  decodeReqDhParams,
  decodeReqPq,
  decodeSetClientDhParams,
  encodeDhGen,
  encodeResPq,
  encodeServerDhInner,
  encodeServerDhParams,
  type InnerData,
  type Nonces,
  VERDICTS,
  type Verdict,
} from './auth-key-messages.ts';
import { checkRandom } from './checks.ts';
import { badArgument, MtprotoError, type MtprotoErrorCode } from './errors.ts';
import { ExchangeSecrets, isSafeValue } from './exchange-secrets.ts';
import { newNonceHash } from './key-ids.ts';
import { drawPq } from './pq.ts';
import { checkPublicKey, minimal, type RsaPrivateKey, rsaUnpad } from './rsa.ts';

/** Options of an {@link AuthKeyServer}. */
export type AuthKeyServerOptions = {
  /** The server's RSA keys, all of which are named to the client. */
  readonly keys: readonly RsaPrivateKey[];
  /** The clock, in seconds since 1970. */
  readonly now: () => number;
  /**
   * Decides about a new key by its auth_key_id: `retry` when that id is taken, `fail` to refuse; every
   * key is good when absent.
   */
  readonly judge?: (authKeyId: Uint8Array) => Verdict;
  /** The prime p, 256 bytes, big-endian; the official one when absent. */
  readonly prime?: Uint8Array;
  /** The generator g; 3 when absent. */
  readonly g?: number;
  /** The runtime's secure generator when absent. */
  readonly random?: RandomSource;
};

/** A finished authorization, as the server knows it. */
export type AcceptedAuthKey = {
  /** In WASM memory; the caller closes it. */
  readonly authKey: SharedKey;
  /** First salt, 8 bytes. */
  readonly serverSalt: Uint8Array;
  /** Data centre that the client means; null when it did not say. */
  readonly dc: number | null;
  /** Seconds that a temporary key shall live; null for a permanent one. */
  readonly expiresIn: number | null;
};

/** The answer to send, and with the last one the key. */
export type AuthKeyAnswer = { readonly send: Uint8Array; readonly result?: AcceptedAuthKey };

/** Retries after which a client is refused. */
const MAX_RETRIES = 5;

type State = 'new' | 'pq' | 'params' | 'ended';

/**
 * The server's side of making an authorization key (mtproto.md 6), for tests and test servers. No I/O:
 * it takes and gives the bodies of unencrypted messages. One object makes one key; a failed check ends
 * and wipes it, and the connection should be told -404.
 *
 * @example
 * using server = new AuthKeyServer(crypto, { keys: [key], now: () => Date.now() / 1000 });
 * const { send, result } = server.receive(body);
 */
export class AuthKeyServer {
  readonly #crypto: CryptoCore;
  readonly #keys: readonly RsaPrivateKey[];
  readonly #now: () => number;
  readonly #judge: (authKeyId: Uint8Array) => Verdict;
  readonly #prime: Uint8Array;
  readonly #g: number;
  readonly #random: RandomSource;
  readonly #secrets: ExchangeSecrets;
  readonly #nonces = { nonce: new Uint8Array(16), serverNonce: new Uint8Array(16) };
  #pq: { pq: Uint8Array; p: Uint8Array; q: Uint8Array } | undefined;
  #inner: Pick<InnerData, 'dc' | 'expiresIn'> | undefined;
  #retryId = new Uint8Array(8);
  #retries = 0;
  #state: State = 'new';

  /** @throws {MtprotoError} `bad-argument`, `bad-length`, `bad-dh-config` */
  constructor(crypto: CryptoCore, options: AuthKeyServerOptions) {
    checkOptions(options, ['keys', 'now', 'judge', 'prime', 'g', 'random'], badArgument);
    const { keys, now, judge = () => 'ok', prime = DH_PRIME, g = DH_GENERATOR } = options;
    const { random = systemRandom } = options;
    if (!Array.isArray(keys) || keys.length === 0) throw badArgument('"keys" expected RSA keys');
    for (const key of keys) {
      checkPublicKey('keys', key);
      checkBytes('keys.d', key.d, badArgument);
    }
    if (typeof now !== 'function') throw badArgument('"now" expected a function');
    if (typeof judge !== 'function') throw badArgument('"judge" expected a function');
    checkRandom(random);
    checkBytes('prime', prime, badArgument);
    checkInteger('g', g, 0, 0x7fffffff, badArgument);
    if (!checkDhConfig(crypto, prime, g, random)) {
      throw failed('bad-dh-config', 'the group (p, g) is not safe');
    }
    this.#crypto = crypto;
    this.#keys = keys;
    this.#now = now;
    this.#judge = judge;
    this.#prime = copyBytes(prime);
    this.#g = g;
    this.#random = random;
    this.#secrets = new ExchangeSecrets(crypto);
  }

  /** Whether it ended: with a key, by a failed check, or by `close()`. */
  get ended(): boolean {
    return this.#state === 'ended';
  }

  /**
   * Takes the body of the client's next message.
   * @throws {MtprotoError} `bad-argument`, `released` for what the caller did wrong; every other code
   *   when a check failed: the exchange has ended then
   */
  receive(body: Uint8Array): AuthKeyAnswer {
    checkBytes('body', body, badArgument);
    if (this.#state === 'ended') throw failed('released', 'the exchange has ended');
    try {
      if (this.#state === 'new') return this.#receivePq(body);
      if (this.#state === 'pq') return this.#receiveParams(body);
      return this.#receiveValue(body);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #receivePq(body: Uint8Array): AuthKeyAnswer {
    this.#nonces.nonce.set(decodeReqPq(body));
    this.#random(this.#nonces.serverNonce);
    this.#pq = drawPq(this.#random);
    this.#state = 'pq';
    const names = this.#keys.map(({ fingerprint }) => fingerprint);
    return { send: encodeResPq(this.#nonces, this.#pq.pq, names) };
  }

  #receiveParams(body: Uint8Array): AuthKeyAnswer {
    const request = decodeReqDhParams(body);
    this.#checkNonces(request);
    const { p, q } = this.#pq!;
    if (!this.#crypto.equal(request.p, p) || !this.#crypto.equal(request.q, q)) {
      throw failed('bad-pq', 'p or q is wrong');
    }
    const key = this.#keys.find(({ fingerprint }) =>
      this.#crypto.equal(fingerprint, request.fingerprint),
    );
    if (key === undefined) throw failed('unknown-key', 'this server has no such key');
    this.#takeInnerData(rsaUnpad(this.#crypto, request.encryptedData, key));
    this.#secrets.deriveTemporaryKey(this.#nonces.serverNonce);
    const gA = this.#secrets.drawExponent(this.#g, this.#prime, this.#random);
    const inner = encodeServerDhInner({
      ...this.#nonces,
      g: this.#g,
      prime: this.#prime,
      gA: minimal(gA),
      serverTime: Math.floor(this.#now()) | 0,
    });
    this.#state = 'params';
    const sealed = this.#secrets.seal(inner, this.#random);
    return { send: encodeServerDhParams(this.#nonces, sealed) };
  }

  /** One outcome for everything that can be wrong inside. */
  #takeInnerData(padded: Uint8Array | null): void {
    let inner: InnerData | undefined;
    if (padded !== null) {
      try {
        inner = decodeInnerData(padded);
      } catch {
        // no inner data: refused below
      }
    }
    const { pq, p, q } = this.#pq!;
    const good =
      inner !== undefined &&
      this.#crypto.equal(inner.nonce, this.#nonces.nonce) &&
      this.#crypto.equal(inner.serverNonce, this.#nonces.serverNonce) &&
      this.#crypto.equal(inner.pq, pq) &&
      this.#crypto.equal(inner.p, p) &&
      this.#crypto.equal(inner.q, q) &&
      (inner.expiresIn === null || inner.expiresIn > 0);
    if (good) {
      const { newNonce, dc, expiresIn } = inner!;
      this.#secrets.newNonce.set(newNonce);
      this.#inner = { dc, expiresIn };
    }
    padded?.fill(0);
    if (!good) throw failed('bad-encrypted-data', 'the encrypted data is wrong');
  }

  #receiveValue(body: Uint8Array): AuthKeyAnswer {
    const request = decodeSetClientDhParams(body);
    this.#checkNonces(request);
    const inner = this.#secrets.open(request.encryptedData, decodeClientDhInner);
    if (inner === null || !this.#crypto.equal(inner.retryId, this.#retryId)) {
      throw failed('bad-encrypted-data', 'the encrypted data is wrong');
    }
    this.#checkNonces(inner);
    if (!isSafeValue(this.#prime, inner.gB)) {
      throw failed('public-value-out-of-range', 'g_b is not acceptable');
    }
    const authKey = this.#secrets.agree(inner.gB, this.#prime);
    try {
      return this.#decide(authKey);
    } catch (error) {
      authKey.close();
      throw error;
    }
  }

  #decide(authKey: SharedKey): AuthKeyAnswer {
    let verdict = this.#judge(authKey.fingerprint.slice());
    if (!Object.hasOwn(VERDICTS, verdict)) throw badArgument('"judge" expected ok, retry or fail');
    if (verdict === 'retry' && ++this.#retries > MAX_RETRIES) verdict = 'fail';
    const { newNonce } = this.#secrets;
    const hash = newNonceHash(this.#crypto, authKey, newNonce, VERDICTS[verdict]);
    const send = encodeDhGen(this.#nonces, verdict, hash);
    if (verdict === 'ok') {
      const serverSalt = this.#secrets.serverSalt(this.#nonces.serverNonce);
      const { dc, expiresIn } = this.#inner!;
      this.close();
      return { send, result: { authKey, serverSalt, dc, expiresIn } };
    }
    this.#retryId = authKey.auxHash.slice();
    authKey.close();
    if (verdict === 'fail') this.close();
    return { send };
  }

  #checkNonces(nonces: Nonces): void {
    const { nonce, serverNonce } = this.#nonces;
    if (
      !this.#crypto.equal(nonces.nonce, nonce) ||
      !this.#crypto.equal(nonces.serverNonce, serverNonce)
    ) {
      throw failed('nonce-mismatch', 'the message belongs to another exchange');
    }
  }

  /** Ends the exchange and wipes its secrets; a key that was handed out stays. Idempotent. */
  close(): void {
    this.#state = 'ended';
    this.#secrets.close();
    this.#pq = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const failed = (code: MtprotoErrorCode, message: string): MtprotoError =>
  new MtprotoError(code, message);
