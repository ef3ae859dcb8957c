import { copyBytes } from '../core/bytes.ts';
import { decodeUtf8, encodeUtf8 } from '../core/utf8.ts';
import type { CryptoCore, Hmac } from '../crypto/index.ts';
import { type Address, addressBytes, addressText } from '../relay/address.ts';
import { md5 } from './md5.ts';

/** What a message is (RFC 8489, 5). */
export type StunKind = 'request' | 'indication' | 'success' | 'error';

/** Methods of STUN (RFC 8489) and TURN (RFC 8656, 17). */
export const METHOD = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  createPermission: 0x008,
  channelBind: 0x009,
} as const;

/** Attributes of STUN (RFC 8489, 14), TURN (RFC 8656, 18) and ICE (RFC 8445, 16.1). */
export const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedTransport: 0x0019,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

/** Type and value. */
export type StunAttribute = readonly [type: number, value: Uint8Array];

/** What is written. */
export type StunContent = {
  readonly method: number;
  readonly kind: StunKind;
  /** 12 bytes. */
  readonly transactionId: Uint8Array;
  readonly attributes: readonly StunAttribute[];
};

/** What was read: views into the datagram. */
export type StunMessage = StunContent & {
  /** Where MESSAGE-INTEGRITY starts, -1 without one. */
  readonly integrityAt: number;
  /** Where FINGERPRINT starts, -1 without one. */
  readonly fingerprintAt: number;
};

const HEADER_BYTES = 20;
const COOKIE = 0x2112a442;
const INTEGRITY_BYTES = 24;
const FINGERPRINT_BYTES = 8;
const FINGERPRINT_XOR = 0x5354554e;
const MAX_ATTRIBUTES = 32;
const KINDS: readonly StunKind[] = ['request', 'indication', 'success', 'error'];

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Whether a datagram is a STUN message and not media: two zero bits and the cookie (RFC 7983, 7). */
export function isStun(data: Uint8Array): boolean {
  return data.length >= HEADER_BYTES && data[0]! < 4 && viewOf(data).getUint32(4) === COOKIE;
}

/** The class is spread over the method's bits (RFC 8489, 5, figure 3). */
function typeOf(method: number, kind: StunKind): number {
  const number = KINDS.indexOf(kind);
  const spread = ((method & 0xf80) << 2) | ((method & 0x70) << 1) | (method & 0xf);
  return spread | ((number & 2) << 7) | ((number & 1) << 4);
}

/**
 * Takes a message apart. What follows MESSAGE-INTEGRITY is ignored, FINGERPRINT excepted
 * (RFC 8489, 14.5).
 * @returns views into `data`; null when it is none, or not whole, or has too many attributes
 */
export function parseStun(data: Uint8Array): StunMessage | null {
  if (!isStun(data)) return null;
  const view = viewOf(data);
  if (view.getUint16(2) !== data.length - HEADER_BYTES || data.length % 4 !== 0) return null;
  const type = view.getUint16(0);
  const method = ((type >> 2) & 0xf80) | ((type >> 1) & 0x70) | (type & 0xf);
  const attributes: StunAttribute[] = [];
  let integrityAt = -1;
  let fingerprintAt = -1;
  for (let at = HEADER_BYTES; at < data.length; ) {
    const name = view.getUint16(at);
    const length = view.getUint16(at + 2);
    const next = at + 4 + ((length + 3) & ~3);
    if (next > data.length || fingerprintAt >= 0 || attributes.length > MAX_ATTRIBUTES) return null;
    if (name === ATTRIBUTE.fingerprint) {
      if (length !== 4) return null;
      fingerprintAt = at;
    } else if (integrityAt < 0) {
      if (name === ATTRIBUTE.messageIntegrity) {
        if (length !== INTEGRITY_BYTES - 4) return null;
        integrityAt = at;
      } else attributes.push([name, data.subarray(at + 4, at + 4 + length)]);
    }
    at = next;
  }
  return {
    method,
    kind: KINDS[((type >> 7) & 2) | ((type >> 4) & 1)]!,
    transactionId: data.subarray(8, HEADER_BYTES),
    attributes,
    integrityAt,
    fingerprintAt,
  };
}

/** The first attribute of a type; undefined without one. */
export function attributeOf(message: StunContent, type: number): Uint8Array | undefined {
  return message.attributes.find(([name]) => name === type)?.[1];
}

/** A text attribute; undefined without one, or when it is longer than any has to be (RFC 8489, 14). */
export function textOf(message: StunContent, type: number): string | undefined {
  const value = attributeOf(message, type);
  return value && value.length <= 763 ? decodeUtf8(value) : undefined;
}

/** A 32-bit attribute; undefined without one. */
export function numberOf(message: StunContent, type: number): number | undefined {
  const value = attributeOf(message, type);
  return value?.length === 4 ? viewOf(value).getUint32(0) : undefined;
}

/** The number of an error response, 300..699; 0 without one. */
export function errorCodeOf(message: StunContent): number {
  const value = attributeOf(message, ATTRIBUTE.errorCode);
  if (!value || value.length < 4) return 0;
  const code = (value[2]! & 7) * 100 + value[3]!;
  return code >= 300 && code <= 699 && value[3]! < 100 ? code : 0;
}

/** Four bytes, big-endian. */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value);
  return bytes;
}

/** What an address is mixed with: the cookie, then the transaction (RFC 8489, 14.2). */
function mask(transactionId: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16);
  viewOf(bytes).setUint32(0, COOKIE);
  bytes.set(transactionId, 4);
  return bytes;
}

/** The value of an XOR-...-ADDRESS attribute. `host` must be an IP address. */
export function xorAddress({ host, port }: Address, transactionId: Uint8Array): Uint8Array {
  const bytes = addressBytes(host) ?? new Uint8Array(16);
  const six = host.includes(':');
  const address = six ? bytes : bytes.subarray(12);
  const value = new Uint8Array(4 + address.length);
  value[1] = six ? 2 : 1;
  viewOf(value).setUint16(2, port ^ (COOKIE >>> 16));
  const mixed = mask(transactionId);
  for (let i = 0; i < address.length; i++) value[4 + i] = address[i]! ^ mixed[i]!;
  return value;
}

/** Reads an XOR-...-ADDRESS attribute; null without one, or when it is malformed. */
export function addressOf(message: StunContent, type: number): Address | null {
  const value = attributeOf(message, type);
  const six = value?.[1] === 2;
  if (!value || value.length !== (six ? 20 : 8) || (!six && value[1] !== 1)) return null;
  const bytes = new Uint8Array(16);
  const mixed = mask(message.transactionId);
  const start = six ? 0 : 12;
  if (!six) bytes.fill(255, 10, 12);
  for (let i = start; i < 16; i++) bytes[i] = value[4 + i - start]! ^ mixed[i - start]!;
  return { host: addressText(bytes), port: viewOf(value).getUint16(2) ^ (COOKIE >>> 16) };
}

/** The key of a long-term credential: MD5 of user, realm and password (RFC 8489, 9.2.2). */
export function longTermKey(username: string, realm: string, password: string): Uint8Array {
  return md5(encodeUtf8(`${username}:${realm}:${password}`));
}

/** Writes and checks messages; what it needs of the crypto module is HMAC-SHA1 and CRC-32. */
export class StunCodec {
  readonly #crypto: CryptoCore;

  constructor(crypto: CryptoCore) {
    this.#crypto = crypto;
  }

  /** A key for MESSAGE-INTEGRITY; whoever asks closes it. */
  createKey(secret: Uint8Array): Hmac {
    return this.#crypto.createHmac('sha1', secret);
  }

  /**
   * Writes a message.
   * @param key adds MESSAGE-INTEGRITY
   * @param fingerprint adds FINGERPRINT
   * @returns owned
   */
  encode(content: StunContent, key?: Hmac, fingerprint = false): Uint8Array {
    let length = HEADER_BYTES;
    for (const [, value] of content.attributes) length += 4 + ((value.length + 3) & ~3);
    const body = length;
    if (key) length += INTEGRITY_BYTES;
    if (fingerprint) length += FINGERPRINT_BYTES;
    const data = new Uint8Array(length);
    const view = viewOf(data);
    view.setUint16(0, typeOf(content.method, content.kind));
    view.setUint16(2, length - HEADER_BYTES);
    view.setUint32(4, COOKIE);
    data.set(content.transactionId, 8);
    let at = HEADER_BYTES;
    for (const [type, value] of content.attributes) {
      view.setUint16(at, type);
      view.setUint16(at + 2, value.length);
      data.set(value, at + 4);
      at += 4 + ((value.length + 3) & ~3);
    }
    if (key) {
      view.setUint16(at, ATTRIBUTE.messageIntegrity);
      view.setUint16(at + 2, INTEGRITY_BYTES - 4);
      data.set(this.#integrity(data, body, key), at + 4);
      at += INTEGRITY_BYTES;
    }
    if (fingerprint) {
      view.setUint16(at, ATTRIBUTE.fingerprint);
      view.setUint16(at + 2, 4);
      view.setUint32(at + 4, this.#fingerprint(data, at));
    }
    return data;
  }

  /** Whether MESSAGE-INTEGRITY is there and right; takes as long whatever is wrong with it. */
  verify(data: Uint8Array, { integrityAt }: StunMessage, key: Hmac): boolean {
    if (integrityAt < 0) return false;
    const expected = this.#integrity(data, integrityAt, key);
    let difference = 0;
    for (let i = 0; i < expected.length; i++)
      difference |= expected[i]! ^ data[integrityAt + 4 + i]!;
    return difference === 0;
  }

  /** Whether FINGERPRINT is there and right. */
  hasFingerprint(data: Uint8Array, { fingerprintAt }: StunMessage): boolean {
    if (fingerprintAt < 0) return false;
    return viewOf(data).getUint32(fingerprintAt + 4) === this.#fingerprint(data, fingerprintAt);
  }

  /** The length in the header counts up to the end of the attribute itself (RFC 8489, 14.5). */
  #integrity(data: Uint8Array, end: number, key: Hmac): Uint8Array {
    const head = copyBytes(data, 0, HEADER_BYTES);
    viewOf(head).setUint16(2, end - HEADER_BYTES + INTEGRITY_BYTES);
    return key.update(head).update(data.subarray(HEADER_BYTES, end)).digest();
  }

  #fingerprint(data: Uint8Array, end: number): number {
    const head = copyBytes(data, 0, HEADER_BYTES);
    viewOf(head).setUint16(2, end - HEADER_BYTES + FINGERPRINT_BYTES);
    const crc = this.#crypto.crc32(data.subarray(HEADER_BYTES, end), this.#crypto.crc32(head));
    return (crc ^ FINGERPRINT_XOR) >>> 0;
  }
}
