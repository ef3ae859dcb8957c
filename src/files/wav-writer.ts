// WAV files of 16-bit or 32-bit float PCM.

/** What a WAV file is made for. */
export type WavOutput = {
  readonly channels: number;
  readonly sampleRate: number;
  /** 32-bit float instead of 16-bit integer. */
  readonly float: boolean;
};

const UNKNOWN = 0xffffffff;

/**
 * The header of a WAV file, in front of the samples.
 * @param dataBytes bytes of samples; undefined where they are not known yet, as in a pipe: readers then
 *   read to the end
 * @internal
 */
export function wavHeader(
  { channels, sampleRate, float }: WavOutput,
  dataBytes: number | undefined,
): Uint8Array {
  const width = float ? 4 : 2;
  // Formats other than integer PCM have an extension size (0), and a fact chunk with the length.
  const size = float ? 58 : 44;
  const header = new DataView(new ArrayBuffer(size));
  const text = (at: number, word: string): void => {
    for (let i = 0; i < 4; i++) header.setUint8(at + i, word.charCodeAt(i));
  };
  const known = dataBytes !== undefined && dataBytes + size - 8 < UNKNOWN;
  text(0, 'RIFF');
  header.setUint32(4, known ? size - 8 + dataBytes : UNKNOWN, true);
  text(8, 'WAVE');
  text(12, 'fmt ');
  header.setUint32(16, float ? 18 : 16, true);
  header.setUint16(20, float ? 3 : 1, true);
  header.setUint16(22, channels, true);
  header.setUint32(24, sampleRate, true);
  header.setUint32(28, sampleRate * width * channels, true);
  header.setUint16(32, width * channels, true);
  header.setUint16(34, 8 * width, true);
  if (float) {
    text(38, 'fact');
    header.setUint32(42, 4, true);
    header.setUint32(46, known ? dataBytes / (width * channels) : UNKNOWN, true);
  }
  text(size - 8, 'data');
  header.setUint32(size - 4, known ? dataBytes : UNKNOWN, true);
  return new Uint8Array(header.buffer);
}

/** Samples as bytes of a WAV file: little-endian, 16-bit ones rounded and saturated, owned. @internal */
export function wavSamples(pcm: Float32Array, float: boolean): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(pcm.length * (float ? 4 : 2)));
  for (let i = 0; i < pcm.length; i++) {
    if (float) bytes.setFloat32(4 * i, pcm[i]!, true);
    else
      bytes.setInt16(2 * i, Math.max(-32768, Math.min(32767, Math.round(pcm[i]! * 32768))), true);
  }
  return new Uint8Array(bytes.buffer);
}
