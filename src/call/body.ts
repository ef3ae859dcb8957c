import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { type AnyMessage, readMessage, writeMessage } from './message-codec.ts';
import type { PacketMode } from './messages.ts';
import { isSingle } from './sequence-word.ts';

/** A message as it stands in a body; of an acknowledgement, `word` is the word it acknowledges. */
export type Entry = { readonly word: number; readonly message: AnyMessage };

/** Bytes of a sequence word and a type: the smallest message. */
export const HEADER_BYTES = 5;

/** Stands in every mode but `plain`. */
function belongs(message: AnyMessage, mode: PacketMode): boolean {
  if (message.type === 'empty' || message.type === 'ack') return true;
  return (message.type === 'raw') === (mode === 'raw');
}

/**
 * All messages of a body, or null when any part of it is wrong: nothing of such a packet counts.
 * `data` of the messages are views on `body`.
 */
export function parseBody(body: Uint8Array, mode: PacketMode): Entry[] | null {
  const from = new ByteReader(body);
  const entries: Entry[] = [];
  do {
    if (from.remaining < HEADER_BYTES) return null;
    const first = entries.length === 0;
    const word = from.u32();
    const single = isSingle(word);
    if (single && !first) return null;
    const message = readMessage(from, single);
    if (message === undefined || !belongs(message, mode)) return null;
    if (first ? message.type === 'ack' : message.type === 'empty') return null;
    if (single && from.remaining > 0) return null;
    entries.push({ word, message });
  } while (from.remaining > 0);
  return entries;
}

/**
 * One message with its word in front.
 * @throws {CallError} `bad-argument`
 */
export function encodeEntry(word: number, message: AnyMessage): Uint8Array<ArrayBuffer> {
  const to = new ByteWriter();
  to.u32(word);
  writeMessage(to, message, isSingle(word));
  return to.written;
}
