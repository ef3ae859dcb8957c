export { type CallStreams, type CallStreamsOptions, callStreams } from './call-streams.ts';
export { type DecoderStreamOptions, opusDecoderStream } from './decoder-stream.ts';
export { opusEncoderStream } from './encoder-stream.ts';
export type {
  ReadableOf,
  ReadableReaderOf,
  StreamReadResult,
  TransformOf,
  WritableOf,
  WritableWriterOf,
} from './types.ts';
