// The part of libopus-wasm 0.4 that is used, in types of our own, so that the public declarations do not
// depend on that package.
import { OpusError } from './errors.ts';

/** An encoder of libopus-wasm. */
export type LibopusEncoderHandle = {
  encode(pcm: Int16Array, options: { frameSize: number; maxPacketBytes: number }): Uint8Array;
  encodeFloat(
    pcm: Float32Array,
    options: { frameSize: number; maxPacketBytes: number },
  ): Uint8Array;
  encoderCtl(request: number, value: number): void;
  getInDtx(): boolean;
  getLookahead(): number;
  free(): void;
};

/** A decoder of libopus-wasm. */
export type LibopusDecoderHandle = {
  decode(packet: Uint8Array | null, options: { decodeFec: boolean; frameSize: number }): Int16Array;
  decodeFloat(
    packet: Uint8Array | null,
    options: { decodeFec: boolean; frameSize: number },
  ): Float32Array;
  decoderCtl(request: number, value: number): void;
  free(): void;
};

/** What `import 'libopus-wasm'` gives. */
export type LibopusModule = {
  createEncoder(options: {
    sampleRate: 8000 | 12000 | 16000 | 24000 | 48000;
    channels: 1 | 2;
    application: 2048 | 2049 | 2051;
  }): Promise<LibopusEncoderHandle>;
  createDecoder(options: {
    sampleRate: 8000 | 12000 | 16000 | 24000 | 48000;
    channels: 1 | 2;
  }): Promise<LibopusDecoderHandle>;
};

const CODES = new Map([
  [-1, 'bad-argument'],
  [-2, 'buffer-too-small'],
  [-4, 'bad-packet'],
] as const);

/** Runs a call into libopus-wasm; what it throws becomes an OpusError. @internal */
export function translate<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    const code = CODES.get((cause as { code?: -1 }).code ?? (0 as -1)) ?? 'internal';
    throw new OpusError(code, `libopus: ${(cause as Error).message}`, { cause });
  }
}
