// Ogg pages, RFC 3533 section 6.
import type { ByteReader } from './byte-reader.ts';
import { FileError } from './errors.ts';

/** One page. */
export type OggPage = {
  /** Its first bytes continue a packet of the page before. */
  readonly continued: boolean;
  /** First page of a logical stream. */
  readonly first: boolean;
  /** Last page of a logical stream. */
  readonly last: boolean;
  /** -1 when no packet ends on the page. */
  readonly granule: number;
  readonly serial: number;
  readonly sequence: number;
  /** Byte of the file at which it begins. */
  readonly position: number;
  /** Lengths of the segments of `body`: one below 255 ends a packet. */
  readonly lacing: Uint8Array;
  /** A view, valid until the next page is read. */
  readonly body: Uint8Array;
};

const HEADER_SIZE = 27;
/** Place of the checksum in the header. */
const CHECKSUM = 22;

let table: Uint32Array | undefined;

/** CRC of RFC 3533 section 6 field 8: polynomial 0x04c11db7, no reflection, starts at 0. */
function checksum(page: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte << 24;
    for (let bit = 0; bit < 8; bit++) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
    return sum;
  });
  let sum = 0;
  for (let i = 0; i < page.length; i++) {
    const byte = i >= CHECKSUM && i < CHECKSUM + 4 ? 0 : page[i]!;
    sum = (sum << 8) ^ table[(sum >>> 24) ^ byte]!;
  }
  return sum >>> 0;
}

/** Whether these bytes begin as every page does. */
export function isOgg(bytes: Uint8Array): boolean {
  return bytes[0] === 0x4f && bytes[1] === 0x67 && bytes[2] === 0x67 && bytes[3] === 0x53;
}

/**
 * Reads the next page and checks it.
 * @returns undefined at the end of the file
 * @throws {FileError} `not-ogg`, `truncated`, `corrupt`
 * @internal
 */
export async function readPage(bytes: ByteReader): Promise<OggPage | undefined> {
  const { position } = bytes;
  let header = await bytes.peek(HEADER_SIZE);
  if (header.length === 0) {
    if (position > 0) return undefined;
    throw new FileError('empty', 'the file is empty');
  }
  if (!isOgg(header)) {
    if (position === 0) throw new FileError('not-ogg', 'not an Ogg file');
    throw new FileError('corrupt', `byte ${position}: no Ogg page where one has to begin`);
  }
  const cut = (): FileError =>
    new FileError('truncated', `the page at byte ${position} is cut off`);
  if (header.length < HEADER_SIZE) throw cut();
  if (header[4] !== 0) {
    throw new FileError('corrupt', `byte ${position}: Ogg version ${header[4]}, not 0`);
  }
  const headerSize = HEADER_SIZE + header[26]!;
  header = await bytes.peek(headerSize);
  if (header.length < headerSize) throw cut();
  const size = header.subarray(HEADER_SIZE).reduce((sum, length) => sum + length, headerSize);
  const page = await bytes.peek(size);
  if (page.length < size) throw cut();
  const view = new DataView(page.buffer, page.byteOffset, size);
  if (view.getUint32(CHECKSUM, true) !== checksum(page)) {
    throw new FileError('corrupt', `the page at byte ${position} has a wrong checksum`);
  }
  bytes.skip(size);
  return {
    continued: (page[5]! & 1) !== 0,
    first: (page[5]! & 2) !== 0,
    last: (page[5]! & 4) !== 0,
    granule: Number(view.getBigInt64(6, true)),
    serial: view.getUint32(14, true),
    sequence: view.getUint32(18, true),
    position,
    lacing: page.slice(HEADER_SIZE, headerSize),
    body: page.subarray(headerSize),
  };
}
