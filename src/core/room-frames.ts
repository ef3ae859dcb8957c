// What a member of a signalling room and the server say to each other, one frame in each WebSocket
// message. Both number what they send and repeat it on a new connection until it is acknowledged.
import { copyBytes } from './bytes.ts';

export const TOKEN_BYTES: number = 36;
export const MEMBER_BYTES: number = 16;
const KIND = { join: 1, message: 2, ack: 3 } as const;
const HEADER_BYTES = 5;

/** A frame taken apart. */
export type RoomFrame =
  | { readonly kind: 'join'; readonly token: Uint8Array; readonly member: Uint8Array }
  /** `number` counts from 1 in each direction. */
  | { readonly kind: 'message'; readonly number: number; readonly data: Uint8Array }
  /** Everything up to `number` has arrived. From the server, the first one says: you are in. */
  | { readonly kind: 'ack'; readonly number: number };

function numbered(kind: number, number: number, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_BYTES + data.length);
  frame[0] = kind;
  new DataView(frame.buffer).setUint32(1, number);
  frame.set(data, HEADER_BYTES);
  return frame;
}

export function encodeJoin(token: Uint8Array, member: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(1 + TOKEN_BYTES + MEMBER_BYTES);
  frame[0] = KIND.join;
  frame.set(token, 1);
  frame.set(member, 1 + TOKEN_BYTES);
  return frame;
}

export const encodeMessage = (number: number, data: Uint8Array): Uint8Array<ArrayBuffer> =>
  numbered(KIND.message, number, data);

export const encodeAck = (number: number): Uint8Array<ArrayBuffer> =>
  numbered(KIND.ack, number, new Uint8Array(0));

/** Owned parts; null for anything else. Never throws for bytes. */
export function parseRoomFrame(frame: Uint8Array): RoomFrame | null {
  const { length } = frame;
  if (frame[0] === KIND.join && length === 1 + TOKEN_BYTES + MEMBER_BYTES) {
    const token = copyBytes(frame, 1, 1 + TOKEN_BYTES);
    return { kind: 'join', token, member: copyBytes(frame, 1 + TOKEN_BYTES) };
  }
  if (length < HEADER_BYTES) return null;
  const number = new DataView(frame.buffer, frame.byteOffset).getUint32(1);
  if (frame[0] === KIND.message && number > 0) {
    return { kind: 'message', number, data: copyBytes(frame, HEADER_BYTES) };
  }
  if (frame[0] === KIND.ack && length === HEADER_BYTES) return { kind: 'ack', number };
  return null;
}
