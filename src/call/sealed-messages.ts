import { fromHex, toHex } from '../core/hex.ts';
import { decodeUtf8, encodeUtf8 } from '../core/utf8.ts';
import type { Endpoint } from '../transport/types.ts';
import { MAX_ENDPOINTS, parseEndpoints } from './endpoints.ts';
import { type Fields, isCount, isObject, isText } from './fields.ts';
import { type CallProtocol, parseProtocol } from './protocol.ts';

/** What one end has offered, or what was chosen: its protocol and the endpoints that it named. */
export type Terms = {
  readonly protocol: CallProtocol;
  readonly endpoints: readonly Endpoint[];
};

/** A codec that an end can receive, in the words of SDP. */
export type CodecParameters = {
  readonly name: string;
  /** RTP payload type, 0..127. */
  readonly payloadType: number;
  /** Hz. */
  readonly clockRate: number;
  readonly channels: number;
  /** As in an fmtp line. */
  readonly parameters: Readonly<Record<string, string>>;
};

/** What the two ends say to each other under seal, beside their voice. */
export type SealedMessage =
  /** The first message of each end: what it said in the open, and what it only says here. */
  | {
      readonly type: 'Setup';
      readonly offer: Terms;
      readonly choice: Terms;
      /** Addresses at which this end can be reached. Never in the open. */
      readonly addresses: readonly Endpoint[];
      readonly codecs: readonly CodecParameters[];
    }
  /** A text of a negotiated path. `round`: which of its transports it belongs to. */
  | {
      readonly type: 'PathText';
      readonly path: number;
      readonly round: number;
      readonly text: string;
    };

/** The largest message that is read: what fits a sealed packet. */
const MAX_SEALED_TEXT = 16_000;
/** The longest text of a path. */
export const MAX_PATH_TEXT = 15_000;

const MAX_CODECS = 32;
const MAX_PARAMETERS = 16;
const HEX = /^([0-9a-f]{2})+$/;
const TAG_FIELDS = ['peerTag', 'ticket'] as const;

const isHex = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 512 && HEX.test(value);

/** An endpoint as plain data: bytes are hexadecimal. */
function endpointToJson(endpoint: Endpoint): Fields {
  const fields: Fields = { ...endpoint };
  for (const name of TAG_FIELDS) {
    const bytes = fields[name];
    if (bytes instanceof Uint8Array) fields[name] = toHex(bytes);
  }
  return fields;
}

/** Bytes instead of hexadecimal; what is none stays, and is refused by whoever looks at it next. */
function withBytes(value: unknown): unknown {
  if (!isObject(value)) return value;
  const fields: Fields = { ...value };
  for (const name of TAG_FIELDS) {
    const text = fields[name];
    if (isHex(text)) fields[name] = fromHex(text);
  }
  return fields;
}

function endpointsFromJson(value: unknown): Endpoint[] | null {
  return Array.isArray(value)
    ? parseEndpoints(value.slice(0, MAX_ENDPOINTS + 1).map(withBytes))
    : null;
}

/** Terms as plain data. */
export function termsToJson({ protocol, endpoints }: Terms): Fields {
  return { protocol, endpoints: endpoints.map(endpointToJson) };
}

function termsFromJson(value: unknown): Terms | null {
  if (!isObject(value)) return null;
  const protocol = parseProtocol(value.protocol);
  const endpoints = endpointsFromJson(value.endpoints);
  return protocol && endpoints && { protocol, endpoints };
}

function codecFromJson(value: unknown): CodecParameters | null {
  if (!isObject(value) || !isObject(value.parameters)) return null;
  const { name, payloadType, clockRate, channels } = value;
  const parameters = Object.entries(value.parameters);
  if (!isText(name) || !isCount(payloadType, 127) || !isCount(clockRate, 0xffffffff)) return null;
  if (!isCount(channels, 255) || parameters.length > MAX_PARAMETERS) return null;
  const texts: [string, string][] = [];
  for (const [key, text] of parameters) {
    if (!isText(key) || !isText(text)) return null;
    texts.push([key, text]);
  }
  return { name, payloadType, clockRate, channels, parameters: Object.fromEntries(texts) };
}

function codecsFromJson(value: unknown): CodecParameters[] | null {
  if (!Array.isArray(value) || value.length > MAX_CODECS) return null;
  const codecs = value.map(codecFromJson);
  return codecs.every((codec) => codec !== null) ? codecs : null;
}

/**
 * The text of a message, as UTF-8: JSON whose `@type` names it, as in the messages of Telegram's own
 * call stack (signalling, section 4), which would travel beside these.
 */
export function encodeSealedMessage(message: SealedMessage): Uint8Array<ArrayBuffer> {
  const { type, ...fields } = message;
  if (message.type === 'Setup') {
    const { offer, choice, addresses, codecs } = message;
    return encodeJson(type, {
      offer: termsToJson(offer),
      choice: termsToJson(choice),
      addresses: addresses.map(endpointToJson),
      codecs,
    });
  }
  return encodeJson(type, fields);
}

function encodeJson(type: string, fields: Fields): Uint8Array<ArrayBuffer> {
  return encodeUtf8(JSON.stringify({ '@type': type, ...fields }));
}

/**
 * Checks what the peer has sealed.
 * @returns owned; undefined for a type that this version does not know, null for what is malformed.
 *   Never throws.
 */
export function parseSealedMessage(data: Uint8Array): SealedMessage | undefined | null {
  if (data.length > MAX_SEALED_TEXT) return null;
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(data));
  } catch {
    return null;
  }
  if (!isObject(value) || typeof value['@type'] !== 'string') return null;
  switch (value['@type']) {
    case 'Setup': {
      const offer = termsFromJson(value.offer);
      const choice = termsFromJson(value.choice);
      const addresses = endpointsFromJson(value.addresses);
      const codecs = codecsFromJson(value.codecs);
      if (!offer || !choice || !addresses || !codecs) return null;
      return { type: 'Setup', offer, choice, addresses, codecs };
    }
    case 'PathText': {
      const { path, round, text } = value;
      if (!isCount(path, MAX_ENDPOINTS - 1) || !isCount(round, 0xffff)) return null;
      if (typeof text !== 'string' || text.length > MAX_PATH_TEXT) return null;
      return { type: 'PathText', path, round, text };
    }
    default:
      return undefined;
  }
}
