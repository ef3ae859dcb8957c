import { checkBytes } from '../core/checks.ts';
import { badArgument, badLength } from './errors.ts';
import { checkMsgId } from './msg-id.ts';

/** auth_key_id = 0, msg_id, length. */
const HEADER = 20;

/**
 * A message without encryption, as all messages of the key exchange are: auth_key_id = 0, msg_id,
 * length and body (mtproto.md 4.1). *Owned*.
 *
 * @param msgId 0..2^64 - 1
 * @param body a multiple of 4 bytes
 * @throws {MtprotoError} `bad-argument`, `bad-length`
 * @example
 * socket.send(encodeUnencrypted(ids.next(), client.start()));
 */
export function encodeUnencrypted(msgId: bigint, body: Uint8Array): Uint8Array {
  checkMsgId(msgId);
  checkBytes('body', body, badArgument);
  if (body.length % 4 !== 0) {
    throw badLength(`"body" expected a multiple of 4 bytes, got ${body.length}`);
  }
  const packet = new Uint8Array(HEADER + body.length);
  const view = new DataView(packet.buffer);
  view.setBigUint64(8, msgId, true);
  view.setUint32(16, body.length, true);
  packet.set(body, HEADER);
  return packet;
}

/**
 * Reads a message without encryption. Bytes behind the body, which padded transports leave, are
 * ignored.
 * @returns msg_id and a view of the body; `null` when it is none, or is cut off
 * @throws {MtprotoError} `bad-argument`
 * @example
 * const message = decodeUnencrypted(packet);
 * if (message !== null) step = client.receive(message.body);
 */
export function decodeUnencrypted(packet: Uint8Array): { msgId: bigint; body: Uint8Array } | null {
  checkBytes('packet', packet, badArgument);
  if (packet.length < HEADER) return null;
  const view = new DataView(packet.buffer, packet.byteOffset, HEADER);
  const length = view.getUint32(16, true);
  if (view.getBigUint64(0, true) !== 0n || length > packet.length - HEADER) return null;
  return { msgId: view.getBigUint64(8, true), body: packet.subarray(HEADER, HEADER + length) };
}
