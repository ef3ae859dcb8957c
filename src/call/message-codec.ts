import { checkBytes, checkInteger } from '../core/checks.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { badArgument } from './errors.ts';
import type { CallMessage, ServiceMessage, VideoFormat } from './messages.ts';

/** What can stand in a packet. */
export type AnyMessage = CallMessage | ServiceMessage;

type Named<T extends AnyMessage['type']> = Extract<AnyMessage, { type: T }>;

type Codec<T extends AnyMessage['type']> = {
  /** The byte after the sequence word. */
  readonly id: number;
  /** Writes the content. `single`: the message fills its packet. */
  write(to: ByteWriter, message: Named<T>, single: boolean): void;
  /** Reads the content; marks the reader as failed where it is wrong. */
  read(from: ByteReader, single: boolean): Named<T>;
};

/** The largest raw message: 1 MiB. */
const MAX_RAW_BYTES = 1_048_576;

/** RTP packets and the like have a 16-bit length, but none where the packet's end is theirs. */
function buffer<T extends 'audioData' | 'videoData' | 'unstructuredData'>(
  id: number,
  type: T,
): Codec<'audioData' | 'videoData' | 'unstructuredData'> {
  return {
    id,
    write(to, { data }, single) {
      checkBytes('data', data, badArgument);
      if (!single) {
        checkInteger('data.length', data.length, 0, 0xffff, badArgument);
        to.u16(data.length);
      }
      to.bytes(data);
    },
    read: (from, single) => ({ type, data: from.bytes(single ? from.remaining : from.u16()) }),
  };
}

function bare<T extends 'requestVideo' | 'empty' | 'ack'>(
  id: number,
  type: T,
): Codec<'requestVideo' | 'empty' | 'ack'> {
  return { id, write() {}, read: () => ({ type }) };
}

function boolean(name: string, value: unknown): number {
  if (typeof value !== 'boolean') {
    throw badArgument(`"${name}" expected a boolean, got ${typeof value}`);
  }
  return value ? 1 : 0;
}

function list<T>(name: string, value: readonly T[]): readonly T[] {
  if (!Array.isArray(value)) throw badArgument(`"${name}" expected an array, got ${typeof value}`);
  checkInteger(`${name}.length`, value.length, 0, 255, badArgument);
  return value;
}

function readList<T>(from: ByteReader, read: () => T): T[] {
  const items: T[] = [];
  for (let count = from.u8(); count > 0 && !from.failed; count--) items.push(read());
  return items;
}

function writeFormat(to: ByteWriter, format: VideoFormat): void {
  to.string('name', format?.name);
  if (typeof format.parameters !== 'object' || format.parameters === null) {
    throw badArgument(`"parameters" expected an object, got ${typeof format.parameters}`);
  }
  // Plain comparison orders by UTF-16 code units; the parameters are ASCII.
  const keys = Object.keys(format.parameters).sort();
  to.u8(list('parameters', keys).length);
  for (const key of keys) {
    to.string('parameter', key);
    to.string(key, format.parameters[key]);
  }
}

function readFormat(from: ByteReader): VideoFormat {
  const name = from.string();
  const pairs = readList(from, (): [string, string] => [from.string(), from.string()]);
  return { name, parameters: Object.fromEntries(pairs) };
}

/** All message types of the packet layer, by name. */
const CODECS: { readonly [T in AnyMessage['type']]: Codec<T> } = {
  candidatesList: {
    id: 1,
    write(to, { candidates, ufrag, pwd }) {
      to.u8(list('candidates', candidates).length);
      for (const candidate of candidates) to.string('candidate', candidate);
      to.string('ufrag', ufrag);
      to.string('pwd', pwd);
    },
    read: (from) => ({
      type: 'candidatesList',
      candidates: readList(from, () => from.string()),
      ufrag: from.string(),
      pwd: from.string(),
    }),
  },
  videoFormats: {
    id: 2,
    write(to, { formats, encodersCount }) {
      to.u8(list('formats', formats).length);
      for (const format of formats) writeFormat(to, format);
      checkInteger('encodersCount', encodersCount, 0, formats.length, badArgument);
      to.u8(encodersCount);
    },
    read(from) {
      const formats = readList(from, () => readFormat(from));
      const encodersCount = from.u8();
      if (encodersCount > formats.length) from.fail();
      return { type: 'videoFormats', formats, encodersCount };
    },
  },
  requestVideo: bare(3, 'requestVideo') as Codec<'requestVideo'>,
  remoteMediaState: {
    id: 4,
    write(to, { audio, video }) {
      checkInteger('audio', audio, 0, 1, badArgument);
      checkInteger('video', video, 0, 2, badArgument);
      to.u8(audio | (video << 1));
    },
    read(from) {
      const bits = from.u8();
      const video = (bits >> 1) & 3;
      if (video === 3) from.fail();
      return {
        type: 'remoteMediaState',
        audio: (bits & 1) as 0 | 1,
        video: video as 0 | 1 | 2,
      };
    },
  },
  audioData: buffer(5, 'audioData') as Codec<'audioData'>,
  videoData: buffer(6, 'videoData') as Codec<'videoData'>,
  unstructuredData: buffer(7, 'unstructuredData') as Codec<'unstructuredData'>,
  videoParameters: {
    id: 8,
    write(to, { aspectRatio }) {
      checkInteger('aspectRatio', aspectRatio, 0, 0xffffffff, badArgument);
      to.u32(aspectRatio);
    },
    read: (from) => ({ type: 'videoParameters', aspectRatio: from.u32() }),
  },
  remoteBatteryLevelIsLow: {
    id: 9,
    write: (to, { batteryLow }) => to.u8(boolean('batteryLow', batteryLow)),
    read: (from) => ({ type: 'remoteBatteryLevelIsLow', batteryLow: from.u8() !== 0 }),
  },
  remoteNetworkStatus: {
    id: 10,
    write(to, { isLowCost, isLowDataRequested }) {
      to.u8(boolean('isLowCost', isLowCost));
      to.u8(boolean('isLowDataRequested', isLowDataRequested));
    },
    // The second byte came later: old versions end the packet after the first.
    read: (from) => ({
      type: 'remoteNetworkStatus',
      isLowCost: from.u8() !== 0,
      isLowDataRequested: from.remaining > 0 && from.u8() !== 0,
    }),
  },
  pathProbe: {
    id: 32,
    write(to, { reply, silent, path, id, received }) {
      checkInteger('path', path, 0, 0xff, badArgument);
      checkInteger('id', id, 0, 0xffff, badArgument);
      checkInteger('received', received, 0, 0xffffffff, badArgument);
      to.u8(boolean('reply', reply) | (boolean('silent', silent) << 1));
      to.u8(path);
      to.u16(id);
      to.u32(received);
    },
    read(from) {
      const flags = from.u8();
      if (flags > 3) from.fail();
      return {
        type: 'pathProbe',
        reply: (flags & 1) !== 0,
        silent: (flags & 2) !== 0,
        path: from.u8(),
        id: from.u16(),
        received: from.u32(),
      };
    },
  },
  raw: {
    id: 127,
    write(to, { data }) {
      checkBytes('data', data, badArgument);
      checkInteger('data.length', data.length, 0, MAX_RAW_BYTES, badArgument);
      to.u32(data.length);
      to.bytes(data);
    },
    read(from) {
      const length = from.u32();
      if (length > MAX_RAW_BYTES) from.fail();
      return { type: 'raw', data: from.bytes(length) };
    },
  },
  empty: bare(254, 'empty') as Codec<'empty'>,
  ack: bare(255, 'ack') as Codec<'ack'>,
};

/** The way back from a type byte. */
const TYPES: { readonly [id: number]: AnyMessage['type'] } = {
  1: 'candidatesList',
  2: 'videoFormats',
  3: 'requestVideo',
  4: 'remoteMediaState',
  5: 'audioData',
  6: 'videoData',
  7: 'unstructuredData',
  8: 'videoParameters',
  9: 'remoteBatteryLevelIsLow',
  10: 'remoteNetworkStatus',
  32: 'pathProbe',
  127: 'raw',
  254: 'empty',
  255: 'ack',
};

/** The byte that stands for a message type. */
export function messageId(type: AnyMessage['type']): number {
  return CODECS[type].id;
}

/**
 * Type byte and content.
 * @throws {CallError} `bad-argument`
 */
export function writeMessage(to: ByteWriter, message: AnyMessage, single: boolean): void {
  const type = message?.type;
  if (typeof type !== 'string' || !Object.hasOwn(CODECS, type)) {
    throw badArgument('"message" expected a message with a known "type"');
  }
  const codec = CODECS[type] as Codec<AnyMessage['type']>;
  to.u8(codec.id);
  codec.write(to, message, single);
}

/** Type byte and content, or undefined when they are wrong; `data` is a view. */
export function readMessage(from: ByteReader, single: boolean): AnyMessage | undefined {
  const type = TYPES[from.u8()];
  if (type === undefined) return undefined;
  const message = CODECS[type].read(from, single);
  return from.failed ? undefined : message;
}
