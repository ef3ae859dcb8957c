import { checkBytes, checkInteger, checkOptions } from '../core/checks.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import { type CryptoCore, checkDhConfig, type SharedKey } from '../crypto/index.ts';
import {
  decodeDhGen,
  decodeResPq,
  decodeServerDhInner,
  decodeServerDhParams,
  encodeClientDhInner,
  encodeInnerData,
  encodeReqDhParams,
  encodeReqPqMulti,
  encodeSetClientDhParams,
  type Nonces,
  type ServerDhInner,
  VERDICTS,
} from './auth-key-messages.ts';
import { checkRandom } from './checks.ts';
import { badArgument, MtprotoError, type MtprotoErrorCode } from './errors.ts';
import { ExchangeSecrets, isSafeValue } from './exchange-secrets.ts';
import { newNonceHash } from './key-ids.ts';
import { factorizePq } from './pq.ts';
import { checkPublicKey, minimal, type RsaPublicKey, rsaPad } from './rsa.ts';

/** Options of an {@link AuthKeyClient}. */
export type AuthKeyClientOptions = {
  /** RSA keys of the server that are trusted; the first that the server names is used. */
  readonly keys: readonly RsaPublicKey[];
  /** Data centre: 10000 more on test servers, negative for media. */
  readonly dc: number;
  /** Seconds that a temporary key shall live, for PFS; a permanent key when absent. */
  readonly expiresIn?: number;
  /** Source of nonces, padding and the exponent; the runtime's secure generator when absent. */
  readonly random?: RandomSource;
};

/** A finished authorization, as the client knows it. */
export type NewAuthKey = {
  /** In WASM memory; the caller closes it. */
  readonly authKey: SharedKey;
  /** First salt, 8 bytes. */
  readonly serverSalt: Uint8Array;
  /** The server's clock at the time of its answer, seconds since 1970. */
  readonly serverTime: number;
};

/** What is to be done after a message: send the next one, or use the key. */
export type AuthKeyStep =
  | { readonly send: Uint8Array; readonly result?: undefined }
  | { readonly send?: undefined; readonly result: NewAuthKey };

/** A server that asks for another exponent more often than this is refused. */
const MAX_RETRIES = 5;

type State = 'new' | 'pq' | 'params' | 'verdict' | 'ended';

/**
 * The client's side of making an authorization key (mtproto.md 6). No I/O: what a step returns is the
 * body of an unencrypted message, and so is what `receive` takes. All secrets lie in WASM memory. A
 * failed check ends the exchange and wipes it; then start again with a new object.
 *
 * @example
 * using client = new AuthKeyClient(crypto, { keys: [serverKey], dc: 2 });
 * let step = { send: client.start() };
 * while (step.send) {
 *   await write(encodeUnencrypted(ids.next(), step.send));
 *   step = client.receive((await read()).body);
 * }
 * const { authKey, serverSalt } = step.result;
 */
export class AuthKeyClient {
  readonly #crypto: CryptoCore;
  readonly #keys: readonly RsaPublicKey[];
  readonly #dc: number;
  readonly #expiresIn: number | null;
  readonly #random: RandomSource;
  readonly #secrets: ExchangeSecrets;
  readonly #nonces = { nonce: new Uint8Array(16), serverNonce: new Uint8Array(16) };
  #params: ServerDhInner | undefined;
  #authKey: SharedKey | undefined;
  #retries = 0;
  #state: State = 'new';

  /** @throws {MtprotoError} `bad-argument`, `bad-length` */
  constructor(crypto: CryptoCore, options: AuthKeyClientOptions) {
    checkOptions(options, ['keys', 'dc', 'expiresIn', 'random'], badArgument);
    const { keys, dc, expiresIn, random = systemRandom } = options;
    if (!Array.isArray(keys) || keys.length === 0) throw badArgument('"keys" expected RSA keys');
    for (const key of keys) checkPublicKey('keys', key);
    checkInteger('dc', dc, -(2 ** 31), 2 ** 31 - 1, badArgument);
    if (expiresIn !== undefined) {
      checkInteger('expiresIn', expiresIn, 1, 2 ** 31 - 1, badArgument);
    }
    checkRandom(random);
    this.#crypto = crypto;
    this.#keys = keys;
    this.#dc = dc;
    this.#expiresIn = expiresIn ?? null;
    this.#random = random;
    this.#secrets = new ExchangeSecrets(crypto);
  }

  /** Whether it ended: with a key, by a failed check, or by `close()`. */
  get ended(): boolean {
    return this.#state === 'ended';
  }

  /**
   * The first message, req_pq_multi. *Owned*.
   * @throws {MtprotoError} `out-of-order`, `released`
   * @throws {RandomError} where there is no secure generator
   */
  start(): Uint8Array {
    this.#checkState('start', 'new');
    this.#random(this.#nonces.nonce);
    this.#state = 'pq';
    return encodeReqPqMulti(this.#nonces.nonce);
  }

  /**
   * Takes the body of the server's next message.
   * @throws {MtprotoError} `bad-argument`, `out-of-order`, `released` for what the caller did wrong;
   *   every other code when a check failed: the exchange has ended then
   */
  receive(body: Uint8Array): AuthKeyStep {
    checkBytes('body', body, badArgument);
    this.#checkState('receive', 'pq', 'params', 'verdict');
    try {
      if (this.#state === 'pq') return this.#receivePq(body);
      if (this.#state === 'params') return this.#receiveParams(body);
      return this.#receiveVerdict(body);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #receivePq(body: Uint8Array): AuthKeyStep {
    const { pq, fingerprints, ...nonces } = decodeResPq(body);
    if (!this.#crypto.equal(nonces.nonce, this.#nonces.nonce)) throw strangeNonces();
    this.#nonces.serverNonce.set(nonces.serverNonce);
    const key = fingerprints
      .map((name) => this.#keys.find(({ fingerprint }) => this.#crypto.equal(name, fingerprint)))
      .find((known) => known !== undefined);
    if (key === undefined) throw failed('unknown-key', 'the server has none of our keys');
    const { p, q } = factorizePq(this.#crypto, pq);
    this.#random(this.#secrets.newNonce);
    const inner = encodeInnerData({
      ...this.#nonces,
      pq,
      p,
      q,
      newNonce: this.#secrets.newNonce,
      dc: this.#dc,
      expiresIn: this.#expiresIn,
    });
    const encryptedData = rsaPad(this.#crypto, inner.written, key, this.#random);
    inner.wipe();
    this.#state = 'params';
    const { fingerprint } = key;
    return { send: encodeReqDhParams({ ...this.#nonces, p, q, fingerprint, encryptedData }) };
  }

  #receiveParams(body: Uint8Array): AuthKeyStep {
    const answer = decodeServerDhParams(body);
    this.#checkNonces(answer);
    if (answer.refused) {
      const expected = this.#crypto.sha1(this.#secrets.newNonce).subarray(4, 20);
      throw this.#crypto.equal(expected, answer.hash)
        ? failed('refused', 'the server refused the encrypted data')
        : failed('bad-encrypted-data', 'the hash of the refusal is wrong');
    }
    this.#secrets.deriveTemporaryKey(this.#nonces.serverNonce);
    const inner = this.#secrets.open(answer.encryptedAnswer, decodeServerDhInner);
    if (inner === null) throw failed('bad-encrypted-data', 'the encrypted answer is wrong');
    this.#checkNonces(inner);
    if (!checkDhConfig(this.#crypto, inner.prime, inner.g, this.#random)) {
      throw failed('bad-dh-config', 'the group (p, g) is not safe');
    }
    if (!isSafeValue(inner.prime, inner.gA)) {
      throw failed('public-value-out-of-range', 'g_a is not acceptable');
    }
    this.#params = inner;
    return this.#offer(new Uint8Array(8));
  }

  /** Draws b, forms the key, and sends g_b. */
  #offer(retryId: Uint8Array): AuthKeyStep {
    const { g, prime, gA } = this.#params!;
    const gB = minimal(this.#secrets.drawExponent(g, prime, this.#random));
    this.#authKey?.close();
    this.#authKey = this.#secrets.agree(gA, prime);
    const inner = encodeClientDhInner({ ...this.#nonces, retryId, gB });
    this.#state = 'verdict';
    return {
      send: encodeSetClientDhParams(this.#nonces, this.#secrets.seal(inner, this.#random)),
    };
  }

  #receiveVerdict(body: Uint8Array): AuthKeyStep {
    const { verdict, hash, ...nonces } = decodeDhGen(body);
    this.#checkNonces(nonces);
    const authKey = this.#authKey!;
    const { newNonce } = this.#secrets;
    const expected = newNonceHash(this.#crypto, authKey, newNonce, VERDICTS[verdict]);
    if (!this.#crypto.equal(expected, hash)) {
      throw failed('bad-encrypted-data', 'the hash of the verdict is wrong');
    }
    if (verdict === 'fail') throw failed('refused', 'the server refused the key');
    if (verdict === 'retry') {
      if (++this.#retries > MAX_RETRIES) throw failed('refused', 'the server refuses every key');
      return this.#offer(authKey.auxHash.slice());
    }
    const serverSalt = this.#secrets.serverSalt(this.#nonces.serverNonce);
    const { serverTime } = this.#params!;
    this.#authKey = undefined; // the caller's from now on
    this.close();
    return { result: { authKey, serverSalt, serverTime } };
  }

  #checkNonces(nonces: Nonces): void {
    const { nonce, serverNonce } = this.#nonces;
    if (
      !this.#crypto.equal(nonces.nonce, nonce) ||
      !this.#crypto.equal(nonces.serverNonce, serverNonce)
    ) {
      throw strangeNonces();
    }
  }

  #checkState(step: string, ...allowed: State[]): void {
    if (this.#state === 'ended') throw new MtprotoError('released', 'the exchange has ended');
    if (!allowed.includes(this.#state)) {
      throw new MtprotoError('out-of-order', `${step}() does not fit the state of the exchange`);
    }
  }

  /** Ends the exchange and wipes its secrets; a key that was handed out stays. Idempotent. */
  close(): void {
    this.#state = 'ended';
    this.#secrets.close();
    this.#authKey?.close();
    this.#authKey = undefined;
    this.#params = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const failed = (code: MtprotoErrorCode, message: string): MtprotoError =>
  new MtprotoError(code, message);

const strangeNonces = (): MtprotoError =>
  failed('nonce-mismatch', 'the message belongs to another exchange');
