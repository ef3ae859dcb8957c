/** Why a stream of bytes cannot go on. Close the connection. */
export type StreamFailure =
  /** An envelope or record is longer than is allowed. */
  | 'too-long'
  /** A length that no envelope has, or a payload that is no message. */
  | 'bad-envelope'
  /** The CRC of a full envelope is wrong. */
  | 'bad-checksum'
  /** A full envelope is out of its turn. */
  | 'bad-sequence'
  /** Something that is no record of TLS, or not the one that is due. */
  | 'bad-record'
  /** The proof of a fake-TLS greeting is wrong, or old. */
  | 'bad-digest'
  /** The head of an obfuscated connection names no envelope. */
  | 'bad-header';

/**
 * What a decoder found:
 * - `packet`: a message, as a view of the chunk or of memory of its own when it came in pieces.
 *   `quickAck`: its sender asks for a quick ack (servers only)
 * - `quick-ack`: token of a message that the server received (clients only); transports.md 1.1
 * - `error`: a code of the transport, negative (clients only); transports.md 1.2
 * - `failure`: the stream cannot be understood; nothing follows it
 */
export type TransportEvent =
  | { readonly type: 'packet'; readonly payload: Uint8Array; readonly quickAck: boolean }
  | { readonly type: 'quick-ack'; readonly token: number }
  | { readonly type: 'error'; readonly code: number }
  | { readonly type: 'failure'; readonly code: StreamFailure };
