// Packets out of Ogg Opus, RFC 7845. mediabunny reads Ogg too, but checks neither checksums nor page
// numbers and ends at the first link of a chain.
import { OpusError } from '../opus/errors.ts';
import { sharedOpus } from '../opus/shared-core.ts';
import { ByteReader, type ByteSource } from './byte-reader.ts';
import { FileError } from './errors.ts';
import { type OggPage, readPage } from './ogg-page.ts';
import {
  isOpusHead,
  type OpusHead,
  type OpusTags,
  parseOpusHead,
  parseOpusTags,
} from './opus-header.ts';

/** What `readOgg` tells, in the order of the file. */
export type OggEvent =
  | {
      /** A stream begins; files in a chain have several. */
      readonly kind: 'stream';
      readonly serial: number;
      readonly head: OpusHead;
      readonly tags: OpusTags;
    }
  | {
      readonly kind: 'packet';
      /** Owned. */
      readonly packet: Uint8Array;
      /** Duration in samples per channel at 48 kHz. */
      readonly samples: number;
      /** How many of the decoded samples to drop from the start: what is left of the pre-skip. */
      readonly skip: number;
      /** How many to play after that: fewer than are left where the end is trimmed. */
      readonly play: number;
    }
  | {
      /** The stream ended. */
      readonly kind: 'end';
      /** Samples per channel at 48 kHz that are to be played. */
      readonly samples: number;
    };

/** RFC 7845 section 5.2 and section 6: what a reader may refuse. */
const MAX_TAGS = 125_829_120;
const MAX_PACKET = 61_440;

/** The codec of a first page that is not Opus. */
const OTHERS: readonly (readonly [magic: string, name: string])[] = [
  ['\x01vorbis', 'Vorbis'],
  ['Speex   ', 'Speex'],
  ['\x7fFLAC', 'FLAC'],
  ['\x80theora', 'Theora'],
  ['fLaC', 'FLAC'],
];

function codecOf(body: Uint8Array): string {
  const text = String.fromCharCode(...body.subarray(0, 8));
  return OTHERS.find(([magic]) => text.startsWith(magic))?.[1] ?? 'an unknown codec';
}

/** One logical stream: makes packets of pages, and counts samples. */
class OpusStream {
  readonly serial: number;
  ended = false;
  /** Samples to be played, so far. */
  played = 0;
  #sequence: number;
  #parts: Uint8Array[] = [];
  #partial = 0;
  #headers = 0;
  #head: OpusHead | undefined;
  #preSkip = 0;
  /** Samples decoded so far, pre-skip included. */
  #decoded = 0;
  /** Granule position before the first sample; known with the first page of audio. */
  #origin: number | undefined;

  constructor(page: OggPage) {
    this.serial = page.serial;
    this.#sequence = page.sequence - 1;
  }

  *accept(page: OggPage): Generator<OggEvent> {
    if (this.ended) throw this.#corrupt(page, 'follows the last one of its stream');
    if (page.sequence !== (this.#sequence + 1) >>> 0) {
      throw this.#corrupt(page, `is number ${page.sequence}, not ${(this.#sequence + 1) >>> 0}`);
    }
    this.#sequence = page.sequence;
    if (page.continued !== this.#parts.length > 0) {
      throw this.#corrupt(page, page.continued ? 'continues nothing' : 'drops half a packet');
    }
    const audio: { packet: Uint8Array; samples: number }[] = [];
    for (const packet of this.#packets(page)) {
      if (this.#headers === 0) {
        this.#head = parseOpusHead(packet);
        this.#preSkip = this.#head.preSkip;
        this.#headers++;
      } else if (this.#headers === 1) {
        this.#headers++;
        const tags = parseOpusTags(packet);
        yield { kind: 'stream', serial: this.serial, head: this.#head!, tags };
      } else {
        audio.push({ packet, samples: this.#duration(page, packet) });
      }
    }
    yield* this.#timed(page, audio);
    if (page.last) {
      if (this.#headers < 2) throw new FileError('truncated', 'the stream ends in its headers');
      this.ended = true;
      yield { kind: 'end', samples: this.played };
    }
  }

  *#packets({ lacing, body, position }: OggPage): Generator<Uint8Array> {
    let start = 0;
    let end = 0;
    for (const length of lacing) {
      end += length;
      if (length === 255) continue;
      yield this.#join(body.subarray(start, end), position);
      start = end;
    }
    if (lacing.at(-1) === 255) this.#keep(body.slice(start), position);
  }

  #keep(part: Uint8Array, position: number): void {
    this.#parts.push(part);
    this.#partial += part.length;
    if (this.#partial > (this.#headers === 1 ? MAX_TAGS : MAX_PACKET)) {
      throw new FileError('corrupt', `byte ${position}: a packet that is too long`);
    }
  }

  #join(part: Uint8Array, position: number): Uint8Array {
    this.#keep(part, position);
    const packet = new Uint8Array(this.#partial);
    let at = 0;
    for (const piece of this.#parts) {
      packet.set(piece, at);
      at += piece.length;
    }
    this.#parts = [];
    this.#partial = 0;
    return packet;
  }

  /** Section 4: what is dropped and what is played of the packets that end on a page. */
  *#timed(page: OggPage, audio: { packet: Uint8Array; samples: number }[]): Generator<OggEvent> {
    const onPage = audio.reduce((sum, { samples }) => sum + samples, 0);
    // A file cut out of a live stream starts late (section 4.5); one whose only page is trimmed does not.
    if (this.#origin === undefined && onPage > 0 && page.granule >= 0) {
      this.#origin = Math.max(0, page.granule - this.#decoded - onPage);
    }
    const end =
      page.last && page.granule >= 0
        ? page.granule - (this.#origin ?? 0)
        : Number.POSITIVE_INFINITY;
    for (const { packet, samples } of audio) {
      const skip = Math.min(samples, Math.max(0, this.#preSkip - this.#decoded));
      const play = Math.max(0, Math.min(samples, end - this.#decoded) - skip);
      this.#decoded += samples;
      this.played += play;
      yield { kind: 'packet', packet, samples, skip, play };
    }
  }

  #duration(page: OggPage, packet: Uint8Array): number {
    // More than one stream in a packet: its first one is self-delimited (section 3).
    const framing = this.#head!.streams > 1 ? { selfDelimited: true } : {};
    try {
      return sharedOpus().inspectPacket(packet, framing).samples;
    } catch (cause) {
      if (!(cause instanceof OpusError)) throw cause;
      throw this.#corrupt(page, 'holds a packet that is not Opus', { cause });
    }
  }

  #corrupt(page: OggPage, what: string, options?: ErrorOptions): FileError {
    return new FileError('corrupt', `the page at byte ${page.position} ${what}`, options);
  }
}

/**
 * Reads Ogg Opus (RFC 7845): headers, packets, and what of each packet is to be played. Every page is
 * checked (checksum, number, continuation), every packet too. Of several streams side by side the first
 * Opus stream is read; chained ones follow one another.
 * @param source the bytes of the file
 * @returns events as they are read: nothing is held but the page at hand
 * @throws {FileError} `not-ogg`, `not-opus`, `truncated` (also where only the last page is missing, after
 *   all that is there was told), `corrupt`, `unsupported`, `empty`, `bad-argument`
 * @example
 * import { readOgg } from 'sottovoce/files';
 * for await (const event of readOgg(bytes)) {
 *   if (event.kind === 'packet') send(event.packet);
 * }
 */
export async function* readOgg(source: ByteSource): AsyncGenerator<OggEvent, void, undefined> {
  const bytes = new ByteReader(source);
  let stream: OpusStream | undefined;
  let other: string | undefined;
  let starting = false;
  try {
    for (let page = await readPage(bytes); page; page = await readPage(bytes)) {
      if (page.first && !starting) {
        // A new link of the chain; unless it is the first, the one before has to be whole.
        if (stream && !stream.ended) throw cut();
        stream = undefined;
        starting = true;
      }
      if (!page.first) {
        if (starting && !stream) throw notOpus(other);
        starting = false;
      }
      if (page.first && !stream && isOpusHead(page.body)) stream = new OpusStream(page);
      else if (page.first) other ??= codecOf(page.body);
      if (!stream && !page.first) throw new FileError('corrupt', 'the first page is missing');
      if (stream?.serial === page.serial) yield* stream.accept(page);
    }
    if (!stream) throw notOpus(other);
    if (!stream.ended) throw cut();
  } finally {
    await bytes.close();
  }
}

const cut = (): FileError => new FileError('truncated', 'the last page of the stream is missing');
const notOpus = (codec = 'nothing'): FileError =>
  new FileError('not-opus', `an Ogg file with ${codec}, not Opus`);
