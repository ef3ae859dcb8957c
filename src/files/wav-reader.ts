// WAV files: RIFF (Microsoft multimedia standards update, 1994), WAVE_FORMAT_EXTENSIBLE, RF64 (EBU Tech
// 3306). mediabunny reads WAV too, but takes a header that lies about the length for true.
import { ByteReader, type ByteSource } from './byte-reader.ts';
import { FileError } from './errors.ts';

/** What a WAV file holds. */
export type WavFormat = {
  readonly channels: number;
  readonly sampleRate: number;
  /** 8, 16, 24, 32; float also 64. */
  readonly bits: number;
  readonly float: boolean;
};

/** A WAV file, its samples to be iterated once: interleaved f32, full scale at ±1, each piece borrowed until the next. */
export type WavAudio = AsyncIterable<Float32Array> & {
  readonly format: WavFormat;
  /** Samples per channel, or undefined where the header does not tell (written into a pipe). */
  readonly length: number | undefined;
};

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** Programs that write into a pipe cannot know the size and put the largest one, or about half of it. */
const UNKNOWN_FROM = 0x7fff0000;
const PIECE = 8192; // samples

const tag = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + 4));
const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const cut = (what: string): FileError => new FileError('truncated', `the WAV file ${what}`);

/**
 * Reads a WAV file of integer or float PCM.
 * @throws {FileError} while opening or iterating: `not-wav`, `truncated` where the header promises more
 *   than is there, `corrupt`, `unsupported`, `empty`
 * @internal
 */
export async function readWav(source: ByteSource): Promise<WavAudio> {
  const bytes = new ByteReader(source);
  const riff = await bytes.peek(12);
  if (riff.length === 0) throw new FileError('empty', 'the file is empty');
  const form = tag(riff, 0);
  if (riff.length < 12 || (form !== 'RIFF' && form !== 'RF64') || tag(riff, 8) !== 'WAVE') {
    throw new FileError('not-wav', 'not a WAV file');
  }
  bytes.skip(12);
  let format: WavFormat | undefined;
  let longSize: number | undefined;
  for (;;) {
    const chunk = await bytes.peek(8);
    if (chunk.length < 8) throw cut('has no samples');
    const id = tag(chunk, 0);
    const size = viewOf(chunk).getUint32(4, true);
    bytes.skip(8);
    if (id === 'data') {
      if (!format)
        throw new FileError('corrupt', 'the WAV file tells no format before its samples');
      const unknown = size >= UNKNOWN_FROM;
      const dataSize =
        form === 'RF64' && size === 0xffffffff ? longSize : unknown ? undefined : size;
      const frame = (format.channels * format.bits) / 8;
      const length = dataSize === undefined ? undefined : Math.floor(dataSize / frame);
      if (length === 0) throw new FileError('empty', 'the WAV file holds no samples');
      return { format, length, [Symbol.asyncIterator]: () => samples(bytes, format!, length) };
    }
    if (id === 'fmt ' || id === 'ds64') {
      const body = await bytes.peek(Math.min(size, 64));
      if (body.length < Math.min(size, 64)) throw cut('ends in its header');
      if (id === 'fmt ') format = readFormat(body);
      else if (body.length >= 16) longSize = Number(viewOf(body).getBigUint64(8, true));
    }
    // Chunks are padded to an even length.
    if (!(await bytes.skipFar(size + (size & 1)))) throw cut('has no samples');
  }
}

function readFormat(fmt: Uint8Array): WavFormat {
  if (fmt.length < 16) throw new FileError('corrupt', 'the WAV format is too short');
  const view = viewOf(fmt);
  let code = view.getUint16(0, true);
  const channels = view.getUint16(2, true);
  const sampleRate = view.getUint32(4, true);
  const align = view.getUint16(12, true);
  const bits = view.getUint16(14, true);
  // In the extensible form the real format is the head of the subformat GUID.
  if (code === EXTENSIBLE && fmt.length >= 26) code = view.getUint16(24, true);
  const integer = code === PCM && [8, 16, 24, 32].includes(bits);
  const float = code === FLOAT && [32, 64].includes(bits);
  if (!integer && !float) {
    throw new FileError(
      'unsupported',
      `WAV encoding ${code} with ${bits} bits: expected integer or float PCM`,
    );
  }
  if (channels === 0) throw new FileError('corrupt', 'the WAV header tells no channels');
  if (align !== (channels * bits) / 8) {
    throw new FileError(
      'corrupt',
      `the WAV header contradicts itself: ${channels} channels of ${bits} bits in ${align} bytes`,
    );
  }
  if (sampleRate < 4000 || sampleRate > 384_000) {
    throw new FileError('unsupported', `a rate of ${sampleRate} Hz: expected 4000 to 384000`);
  }
  return { channels, sampleRate, bits, float };
}

async function* samples(
  bytes: ByteReader,
  format: WavFormat,
  length: number | undefined,
): AsyncGenerator<Float32Array, void, undefined> {
  const width = format.bits / 8;
  const frame = format.channels * width;
  const convert = converter(format);
  const buffer = new Float32Array(PIECE * format.channels); // used again: an hour is a lot of garbage
  let done = 0;
  try {
    while (length === undefined || done < length) {
      const wanted = Math.min(PIECE, (length ?? Number.POSITIVE_INFINITY) - done);
      const piece = await bytes.peek(wanted * frame);
      const frames = Math.floor(piece.length / frame);
      if (frames > 0) {
        const pcm = buffer.subarray(0, frames * format.channels);
        convert(viewOf(piece), pcm);
        bytes.skip(frames * frame);
        done += frames;
        yield pcm;
      }
      if (frames < wanted) break;
    }
  } finally {
    await bytes.close();
  }
  if (length !== undefined && done < length) {
    throw cut(`is cut off: ${length} samples are promised, ${done} are there`);
  }
  if (done === 0) throw new FileError('empty', 'the WAV file holds no samples');
}

/** Little-endian bytes to f32. */
function converter({ bits, float }: WavFormat): (view: DataView, pcm: Float32Array) => void {
  const width = bits / 8;
  const each = (read: (view: DataView, at: number) => number) => {
    return (view: DataView, pcm: Float32Array): void => {
      for (let i = 0; i < pcm.length; i++) pcm[i] = read(view, i * width);
    };
  };
  if (float && bits === 32) return each((view, at) => view.getFloat32(at, true));
  if (float) return each((view, at) => view.getFloat64(at, true));
  if (bits === 8) return each((view, at) => (view.getUint8(at) - 128) / 128); // unsigned
  if (bits === 16) return each((view, at) => view.getInt16(at, true) / 32768);
  if (bits === 32) return each((view, at) => view.getInt32(at, true) / 2147483648);
  return each((view, at) => (view.getUint8(at) | (view.getInt16(at + 1, true) << 8)) / 8388608);
}
