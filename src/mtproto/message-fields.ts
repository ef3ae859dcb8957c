import { checkBytes, checkInteger, checkLength } from '../core/checks.ts';
import type { RandomSource } from '../core/random.ts';
import { badArgument, badLength } from './errors.ts';
import { checkMsgId } from './msg-id.ts';

/** What a message carries, in the terms of mtproto.md 4.1. Byte fields are in wire order. */
export type MessageFields = {
  /** 8 bytes. */
  salt: Uint8Array;
  /** 8 bytes. */
  sessionId: Uint8Array;
  /** 0..2^64 - 1. Even from a client, odd from a server. */
  msgId: bigint;
  /** 0..2^32 - 1. */
  seqNo: number;
  /** A multiple of 4 bytes. */
  body: Uint8Array;
};

/** Options of a {@link MessageCipher}. */
export type MessageCipherOptions = {
  /** Which end this is; by default `client`. */
  role?: 'client' | 'server';
  /** Source of the padding; by default the runtime's secure generator. */
  random?: RandomSource;
  /** Largest body that can be sealed or opened, in bytes; by default 1 MiB, at most 15 MiB. */
  maxBodyBytes?: number;
};

/** salt, session_id, msg_id, seq_no and length. */
export const MESSAGE_HEADER = 32;

/** Writes header and body to the start of a buffer. */
export function writeHeader(target: Uint8Array, fields: MessageFields): void {
  const { salt, sessionId, msgId, seqNo, body } = fields;
  target.set(body, MESSAGE_HEADER); // first: it may be a borrowed view of this very buffer
  target.set(salt, 0);
  target.set(sessionId, 8);
  const view = new DataView(target.buffer, target.byteOffset, MESSAGE_HEADER);
  view.setBigUint64(16, msgId, true);
  view.setUint32(24, seqNo, true);
  view.setUint32(28, body.length, true);
}

/** Reads what `writeHeader` wrote and was checked; the body is a view. */
export function readHeader(plain: Uint8Array): MessageFields {
  const view = new DataView(plain.buffer, plain.byteOffset, MESSAGE_HEADER);
  return {
    salt: plain.slice(0, 8),
    sessionId: plain.slice(8, 16),
    msgId: view.getBigUint64(16, true),
    seqNo: view.getUint32(24, true),
    body: plain.subarray(MESSAGE_HEADER, MESSAGE_HEADER + view.getUint32(28, true)),
  };
}

export function checkFields(fields: MessageFields, maxBodyBytes: number): MessageFields {
  if (typeof fields !== 'object' || fields === null)
    throw badArgument('"fields" expected an object');
  const { salt, sessionId, msgId, seqNo, body } = fields;
  checkBytes('salt', salt, badArgument);
  checkLength('salt', salt, 8, badLength);
  checkBytes('sessionId', sessionId, badArgument);
  checkLength('sessionId', sessionId, 8, badLength);
  checkMsgId(msgId);
  checkInteger('seqNo', seqNo, 0, 2 ** 32 - 1, badArgument);
  checkBytes('body', body, badArgument);
  if (body.length > maxBodyBytes || body.length % 4 !== 0) {
    throw badLength(
      `"body" expected a multiple of 4 up to ${maxBodyBytes} bytes, got ${body.length}`,
    );
  }
  return fields;
}
