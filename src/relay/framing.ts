// Frames of the blind relay, /reflector/ in Telegram's words: ping, self info and peer info, which both
// generations of reflectors share, and the data frame of the second one, whose tags are a base of 12
// bytes and a suffix for each end. Everything here is pure. Parsers return null for anything that is
// not exactly the frame they know.
import { copyBytes } from '../core/bytes.ts';
import { ADDRESS_BYTES, addressBytes, addressText } from './address.ts';
import { checkBytes, checkInteger, checkLength, checkOptions } from '../core/checks.ts';
import { RelayError } from './errors.ts';

/** Bytes of a tag: what both ends share, then the suffix of one end. */
export const TAG_BYTES: number = 16;
/** Bytes that both ends of a call share. */
export const BASE_BYTES: number = 12;
/** In front of the payload: base, receiver's suffix, sender's suffix, length. */
export const DATA_HEADER_BYTES: number = 24;
/** The query id that a hello carries; any other is as good. */
const HELLO_QUERY_ID = 123n;

const PING_BYTES = 40;
const PEER_INFO_REQUEST_BYTES = 32;
const SELF_INFO_BYTES = 64;
const PEER_INFO_BYTES = 48;
const MAX_PAYLOAD_BYTES = 65_507; // what a UDP datagram can hold at most (RFC 768)

// Fourth word of a special frame, as signed little-endian numbers.
const PING = -2;
const PEER_INFO_REQUEST = -1;
const SELF_INFO = 0xc01572c7 | 0;
const PEER_INFO = 0x27d9371c;

const fail = (message: string): RelayError => new RelayError('bad-argument', message);

function checkTag(tag: Uint8Array): void {
  checkBytes('tag', tag, fail);
  checkLength('tag', tag, TAG_BYTES, fail);
}

function checkQueryId(queryId: unknown): void {
  if (typeof queryId !== 'bigint') {
    throw fail(`"queryId" expected a bigint, got ${typeof queryId}`);
  }
}

function checkBase(base: Uint8Array): void {
  checkBytes('base', base, fail);
  if (base.length < BASE_BYTES) {
    throw fail(`"base" expected at least ${BASE_BYTES} bytes, got ${base.length}`);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * A tag: what both ends of a call share, and the suffix of one of them.
 * @param base the first 12 bytes are used
 * @param suffix 1..2^32-1, little-endian on the wire
 * @returns 16 bytes, owned
 * @throws {RelayError} `bad-argument`
 * @example
 * const callerTag = makeTag(base, 1);
 */
export function makeTag(base: Uint8Array, suffix: number): Uint8Array {
  checkBase(base);
  checkInteger('suffix', suffix, 1, 0xffffffff, fail);
  const tag = new Uint8Array(TAG_BYTES);
  tag.set(base.subarray(0, BASE_BYTES));
  writeU32(tag, BASE_BYTES, suffix);
  return tag;
}

/** Four bytes as a number, little-endian, signed so that it fits a small integer; makes no view. */
export function wordAt(bytes: Uint8Array, offset: number): number {
  return (
    bytes[offset]! |
    (bytes[offset + 1]! << 8) |
    (bytes[offset + 2]! << 16) |
    (bytes[offset + 3]! << 24)
  );
}

/** The same, unsigned. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return wordAt(bytes, offset) >>> 0;
}

function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}

/**
 * Tells a request to the relay, or an answer of it, from data: bytes 16..27 are all FF.
 * @param frame any received bytes; never throws for bytes
 * @throws {RelayError} `bad-argument` when it is no Uint8Array
 * @example
 * if (!isSpecialFrame(datagram)) forward(datagram);
 */
export function isSpecialFrame(frame: Uint8Array): boolean {
  checkBytes('frame', frame, fail);
  return isSpecial(frame);
}

/** The same for what is known to be bytes. */
export function isSpecial(frame: Uint8Array): boolean {
  if (frame.length < 28) return false;
  let all = 255;
  for (let i = 16; i < 28; i++) all &= frame[i]!;
  return all === 255;
}

function special(tag: Uint8Array, length: number, word: number): [Uint8Array, DataView] {
  checkTag(tag);
  const frame = new Uint8Array(length);
  const view = viewOf(frame);
  frame.set(tag);
  frame.fill(255, 16, 28);
  view.setInt32(28, word, true);
  return [frame, view];
}

function specialWord(frame: Uint8Array): number | null {
  return isSpecialFrame(frame) && frame.length >= 32 ? readU32(frame, 28) | 0 : null;
}

/**
 * A ping: asks the relay under which address it sees us.
 * @param tag 16 bytes
 * @param queryId 64 bits that the reply repeats, little-endian on the wire
 * @returns 40 bytes, owned
 * @throws {RelayError} `bad-argument`
 * @example
 * transport.send(encodePing(makeTag(base, 1), 7n));
 */
export function encodePing(tag: Uint8Array, queryId: bigint): Uint8Array {
  checkQueryId(queryId);
  const [frame, view] = special(tag, PING_BYTES, PING);
  view.setBigUint64(32, BigInt.asUintN(64, queryId), true);
  return frame;
}

/**
 * The hello of the second generation: a ping whose query id is 123, big-endian.
 * @param tag 16 bytes
 * @returns 40 bytes, owned
 * @throws {RelayError} `bad-argument`
 * @example
 * transport.send(encodeHello(makeTag(base, 1)));
 */
export function encodeHello(tag: Uint8Array): Uint8Array {
  const [frame, view] = special(tag, PING_BYTES, PING);
  view.setBigUint64(32, HELLO_QUERY_ID, false);
  return frame;
}

/**
 * The hello for stream transports: the tag and four zeros.
 * @param tag 16 bytes
 * @returns 20 bytes, owned
 * @throws {RelayError} `bad-argument`
 * @example
 * stream.write(encodeStreamHello(makeTag(base, 1)));
 */
export function encodeStreamHello(tag: Uint8Array): Uint8Array {
  checkTag(tag);
  const frame = new Uint8Array(TAG_BYTES + 4);
  frame.set(tag);
  return frame;
}

/**
 * Reads a ping or a hello; trailing bytes are allowed.
 * @returns its tag (owned) and query id; null when the frame is neither
 * @throws {RelayError} `bad-argument` when it is no Uint8Array
 * @example
 * parsePing(encodePing(tag, 7n))?.queryId; // 7n
 */
export function parsePing(frame: Uint8Array): { tag: Uint8Array; queryId: bigint } | null {
  if (specialWord(frame) !== PING || frame.length < PING_BYTES) return null;
  return { tag: copyBytes(frame, 0, TAG_BYTES), queryId: viewOf(frame).getBigUint64(32, true) };
}

/**
 * Asks the relay for both addresses of a call.
 * @param tag 16 bytes
 * @returns 32 bytes, owned
 * @throws {RelayError} `bad-argument`
 * @example
 * transport.send(encodePeerInfoRequest(makeTag(base, 1)));
 */
export function encodePeerInfoRequest(tag: Uint8Array): Uint8Array {
  return special(tag, PEER_INFO_REQUEST_BYTES, PEER_INFO_REQUEST)[0];
}

/**
 * Reads a peer info request; trailing bytes are allowed.
 * @returns its tag, owned; null when the frame is none
 * @throws {RelayError} `bad-argument` when it is no Uint8Array
 * @example
 * const asker = parsePeerInfoRequest(datagram)?.tag;
 */
export function parsePeerInfoRequest(frame: Uint8Array): { tag: Uint8Array } | null {
  return specialWord(frame) === PEER_INFO_REQUEST ? { tag: copyBytes(frame, 0, TAG_BYTES) } : null;
}

/** What a relay answers to a ping. */
export type SelfInfo = {
  /** The asker's, 16 bytes. */
  tag: Uint8Array;
  /** Unix time in seconds, signed 32 bits. */
  date: number;
  /** That of the ping, 64 bits. */
  queryId: bigint;
  /** The asker's address as the relay sees it, IPv4 or IPv6. */
  host: string;
  /** The asker's port as the relay sees it. */
  port: number;
};

/**
 * The answer to a ping.
 * @returns 64 bytes, owned
 * @throws {RelayError} `bad-argument`, also when `host` is no IP address
 * @example
 * const reply = encodeSelfInfo({ tag, date: 0, queryId: 7n, host: '192.0.2.1', port: 4000 });
 */
export function encodeSelfInfo(info: SelfInfo): Uint8Array {
  checkOptions(info, ['tag', 'date', 'queryId', 'host', 'port'], fail);
  checkInteger('date', info.date, -(2 ** 31), 2 ** 31 - 1, fail);
  checkQueryId(info.queryId);
  checkInteger('port', info.port, 0, 65_535, fail);
  const [frame, view] = special(info.tag, SELF_INFO_BYTES, SELF_INFO);
  view.setInt32(32, info.date, true);
  view.setBigUint64(36, BigInt.asUintN(64, info.queryId), true);
  frame.set(hostBytes(info.host), 44);
  view.setInt32(60, info.port, true);
  return frame;
}

/**
 * Reads the answer to a ping; trailing bytes are allowed.
 * @returns owned; null when the frame is none
 * @throws {RelayError} `bad-argument` when it is no Uint8Array
 * @example
 * const seenAs = parseSelfInfo(datagram)?.host;
 */
export function parseSelfInfo(frame: Uint8Array): SelfInfo | null {
  if (specialWord(frame) !== SELF_INFO || frame.length < SELF_INFO_BYTES) return null;
  const view = viewOf(frame);
  const port = view.getInt32(60, true);
  if (port < 0 || port > 65_535) return null;
  return {
    tag: copyBytes(frame, 0, TAG_BYTES),
    date: view.getInt32(32, true),
    queryId: view.getBigUint64(36, true),
    host: addressText(frame.subarray(44, 44 + ADDRESS_BYTES)),
    port,
  };
}

/** Both addresses of a call as a relay sees them, IPv4 only. */
export type PeerInfo = {
  /** The asker's, 16 bytes. */
  tag: Uint8Array;
  /** The asker's address, dotted. */
  myHost: string;
  /** The asker's port. */
  myPort: number;
  /** The address of the other end, dotted. */
  peerHost: string;
  /** The port of the other end. */
  peerPort: number;
};

/**
 * The answer to a peer info request.
 * @returns 48 bytes, owned
 * @throws {RelayError} `bad-argument`, also when a host is no IPv4 address: the frame has no room for
 *   others
 * @example
 * const reply = encodePeerInfo({
 *   tag,
 *   myHost: '192.0.2.1',
 *   myPort: 4000,
 *   peerHost: '198.51.100.1',
 *   peerPort: 5000,
 * });
 */
export function encodePeerInfo(info: PeerInfo): Uint8Array {
  checkOptions(info, ['tag', 'myHost', 'myPort', 'peerHost', 'peerPort'], fail);
  checkInteger('myPort', info.myPort, 0, 65_535, fail);
  checkInteger('peerPort', info.peerPort, 0, 65_535, fail);
  const [frame, view] = special(info.tag, PEER_INFO_BYTES, PEER_INFO);
  frame.set(ipv4Bytes(info.myHost), 32);
  view.setInt32(36, info.myPort, true);
  frame.set(ipv4Bytes(info.peerHost), 40);
  view.setInt32(44, info.peerPort, true);
  return frame;
}

/**
 * Reads the answer to a peer info request; trailing bytes are allowed.
 * @returns owned; null when the frame is none
 * @throws {RelayError} `bad-argument` when it is no Uint8Array
 * @example
 * const direct = parsePeerInfo(datagram)?.peerHost;
 */
export function parsePeerInfo(frame: Uint8Array): PeerInfo | null {
  if (specialWord(frame) !== PEER_INFO || frame.length < PEER_INFO_BYTES) return null;
  const view = viewOf(frame);
  const myPort = view.getInt32(36, true);
  const peerPort = view.getInt32(44, true);
  if (myPort < 0 || myPort > 65_535 || peerPort < 0 || peerPort > 65_535) return null;
  return {
    tag: copyBytes(frame, 0, TAG_BYTES),
    myHost: frame.subarray(32, 36).join('.'),
    myPort,
    peerHost: frame.subarray(40, 44).join('.'),
    peerPort,
  };
}

function hostBytes(host: unknown): Uint8Array {
  const bytes = typeof host === 'string' ? addressBytes(host) : null;
  if (!bytes) throw fail('"host" expected an IP address');
  return bytes;
}

function ipv4Bytes(host: unknown): Uint8Array {
  const bytes = typeof host === 'string' && !host.includes(':') ? addressBytes(host) : null;
  if (!bytes) throw fail('"host" expected an IPv4 address');
  return bytes.subarray(12);
}

/**
 * Length of the data frame for a payload: header, payload, zeros to a multiple of 4.
 * @param payloadLength 0..65507 bytes
 * @returns bytes
 * @throws {RelayError} `bad-argument`
 * @example
 * const target = new Uint8Array(dataFrameLength(1452)); // 1476
 */
export function dataFrameLength(payloadLength: number): number {
  checkInteger('payloadLength', payloadLength, 0, MAX_PAYLOAD_BYTES, fail);
  return DATA_HEADER_BYTES + ((payloadLength + 3) & ~3);
}

/**
 * Writes a data frame into `target`; allocates nothing.
 * @param target at least `dataFrameLength(payload.length)` bytes
 * @param base the first 12 bytes are used
 * @param to suffix of the receiver
 * @param from own suffix
 * @param payload at most 65507 bytes; none of it may lie in `target`
 * @returns the length of the frame
 * @throws {RelayError} `bad-argument`, also when it does not fit
 * @example
 * const length = writeDataFrame(target, base, 2, 1, packet);
 * transport.send(target.subarray(0, length));
 */
export function writeDataFrame(
  target: Uint8Array,
  base: Uint8Array,
  to: number,
  from: number,
  payload: Uint8Array,
): number {
  checkBytes('target', target, fail);
  checkBase(base);
  checkInteger('to', to, 0, 0xffffffff, fail);
  checkInteger('from', from, 0, 0xffffffff, fail);
  checkBytes('payload', payload, fail);
  const { length } = payload;
  const total = dataFrameLength(length);
  if (total > target.length) {
    throw fail(
      `"payload" expected at most ${target.length - DATA_HEADER_BYTES} bytes, got ${length}`,
    );
  }
  for (let i = 0; i < BASE_BYTES; i++) target[i] = base[i]!;
  writeU32(target, 12, to);
  writeU32(target, 16, from);
  target[20] = length >>> 24;
  target[21] = length >>> 16;
  target[22] = length >>> 8;
  target[23] = length;
  target.set(payload, DATA_HEADER_BYTES);
  target.fill(0, DATA_HEADER_BYTES + length, total);
  return total;
}

/**
 * A data frame that carries `payload` from the end `from` to the end `to`: as `writeDataFrame`, in an
 * array of its own.
 * @returns owned
 * @throws {RelayError} `bad-argument`
 * @example
 * transport.send(encodeDataFrame(base, 2, 1, packet));
 */
export function encodeDataFrame(
  base: Uint8Array,
  to: number,
  from: number,
  payload: Uint8Array,
): Uint8Array {
  checkBytes('payload', payload, fail);
  const frame = new Uint8Array(dataFrameLength(payload.length));
  writeDataFrame(frame, base, to, from, payload);
  return frame;
}

/**
 * Length of the payload of a data frame, or -1 when it is none: no longer than its header, special, or
 * its length says more than there is. Allocates nothing.
 */
export function dataPayloadLength(frame: Uint8Array): number {
  if (isSpecialFrame(frame) || frame.length <= DATA_HEADER_BYTES) return -1;
  const length = statedLength(frame);
  return length <= frame.length - DATA_HEADER_BYTES ? length : -1;
}

/** What a data frame says of its payload's length; there must be a header, and nothing is compared. */
export function statedLength(frame: Uint8Array): number {
  return ((frame[20]! << 24) | (frame[21]! << 16) | (frame[22]! << 8) | frame[23]!) >>> 0;
}

/** A data frame taken apart. */
export type DataFrame = {
  /** What both ends share: a view of 12 bytes into the frame. */
  base: Uint8Array;
  /** Suffix of the receiver, unsigned 32 bits. */
  to: number;
  /** Suffix of the sender, unsigned 32 bits. */
  from: number;
  /** A view into the frame, without the padding. */
  payload: Uint8Array;
};

/**
 * Takes a data frame apart.
 * @returns views into `frame`, nothing is copied; null when it is none
 * @throws {RelayError} `bad-argument` when it is no Uint8Array
 * @example
 * const packet = parseDataFrame(datagram)?.payload;
 */
export function parseDataFrame(frame: Uint8Array): DataFrame | null {
  const length = dataPayloadLength(frame);
  if (length < 0) return null;
  return {
    base: frame.subarray(0, BASE_BYTES),
    to: readU32(frame, 12),
    from: readU32(frame, 16),
    payload: frame.subarray(DATA_HEADER_BYTES, DATA_HEADER_BYTES + length),
  };
}
