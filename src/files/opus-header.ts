// The two header packets of Ogg Opus, RFC 7845 section 5.
import { decodeUtf8 } from '../core/utf8.ts';
import { FileError } from './errors.ts';

/** Identification header, RFC 7845 section 5.1. */
export type OpusHead = {
  /** Channels of the output. */
  readonly channels: number;
  /** Samples at 48 kHz to drop from the start of what is decoded. */
  readonly preSkip: number;
  /** Rate of what was encoded in Hz, for information; 0 = not told. */
  readonly inputSampleRate: number;
  /** Gain to apply to the output in dB, in steps of 1/256. */
  readonly gain: number;
  /** 0 = mono or stereo in one stream; others: section 5.1.1. */
  readonly mappingFamily: number;
  /** Opus streams in every packet. */
  readonly streams: number;
  /** How many of them are stereo. */
  readonly coupledStreams: number;
  /** For every channel the decoded channel that it is; 255 = silence. */
  readonly mapping: readonly number[];
};

/** Comment header, RFC 7845 section 5.2. */
export type OpusTags = {
  /** The program that encoded. */
  readonly vendor: string;
  /** Name, as written, and value, in the order of the file. Names may repeat. */
  readonly comments: readonly (readonly [name: string, value: string])[];
};

const startsWith = (packet: Uint8Array, magic: string): boolean =>
  packet.length >= magic.length && [...magic].every((c, i) => packet[i] === c.charCodeAt(0));

/** Whether a packet claims to be an identification header. @internal */
export const isOpusHead = (packet: Uint8Array): boolean => startsWith(packet, 'OpusHead');

/** @throws {FileError} `corrupt`, `unsupported` @internal */
export function parseOpusHead(packet: Uint8Array): OpusHead {
  const corrupt = (what: string): FileError => new FileError('corrupt', `Opus header: ${what}`);
  if (!isOpusHead(packet) || packet.length < 19) throw corrupt('too short');
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const version = view.getUint8(8);
  if (version > 15) {
    throw new FileError('unsupported', `Ogg Opus version ${version >> 4}.${version & 15}`);
  }
  const channels = view.getUint8(9);
  const mappingFamily = view.getUint8(18);
  if (channels === 0) throw corrupt('no channels');
  let streams = 1;
  let coupledStreams = channels - 1;
  let mapping = channels === 1 ? [0] : [0, 1];
  if (mappingFamily === 0) {
    if (channels > 2) throw corrupt(`${channels} channels in mapping family 0`);
  } else {
    if (packet.length < 21 + channels) throw corrupt('the channel mapping is cut off');
    streams = view.getUint8(19);
    coupledStreams = view.getUint8(20);
    mapping = [...packet.subarray(21, 21 + channels)];
    if (streams === 0 || coupledStreams > streams || streams + coupledStreams > 255) {
      throw corrupt(`${coupledStreams} of ${streams} streams are stereo`);
    }
    if (mapping.some((index) => index !== 255 && index >= streams + coupledStreams)) {
      throw corrupt('a channel of a stream that is not there');
    }
  }
  return {
    channels,
    preSkip: view.getUint16(10, true),
    inputSampleRate: view.getUint32(12, true),
    gain: view.getInt16(16, true) / 256,
    mappingFamily,
    streams,
    coupledStreams,
    mapping,
  };
}

/** An identification header of mapping family 0. @internal */
export function writeOpusHead(head: {
  readonly channels: 1 | 2;
  readonly preSkip: number;
  readonly inputSampleRate: number;
  readonly gain: number;
}): Uint8Array {
  const packet = new Uint8Array(19);
  const view = new DataView(packet.buffer);
  for (let i = 0; i < 8; i++) packet[i] = 'OpusHead'.charCodeAt(i);
  view.setUint8(8, 1);
  view.setUint8(9, head.channels);
  view.setUint16(10, head.preSkip, true);
  view.setUint32(12, head.inputSampleRate, true);
  view.setInt16(16, Math.round(head.gain * 256), true);
  return packet;
}

/** @throws {FileError} `corrupt` @internal */
export function parseOpusTags(packet: Uint8Array): OpusTags {
  if (!startsWith(packet, 'OpusTags')) throw new FileError('corrupt', 'no comment header');
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  let at = 8;
  const count = (): number => {
    if (at + 4 > packet.length) throw new FileError('corrupt', 'the comment header is cut off');
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const text = (): string => {
    const length = count();
    if (length > packet.length - at) {
      throw new FileError('corrupt', 'a comment is longer than its header');
    }
    at += length;
    return decodeUtf8(packet.subarray(at - length, at));
  };
  const vendor = text();
  const comments: [string, string][] = [];
  for (let left = count(); left > 0; left--) {
    const comment = text();
    const equals = comment.indexOf('=');
    // Without a name it is no comment (section 5.2 of the Vorbis specification); kept all the same.
    comments.push(
      equals < 0 ? ['', comment] : [comment.slice(0, equals), comment.slice(equals + 1)],
    );
  }
  return { vendor, comments };
}
