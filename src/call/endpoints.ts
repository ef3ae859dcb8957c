import { toHex } from '../core/hex.ts';
import type { Endpoint } from '../transport/types.ts';
import { bytesOf, isCount, isObject, isText } from './fields.ts';

/** Endpoints that one end may name, at most. */
export const MAX_ENDPOINTS: number = 16;

const PEER_TAG_BYTES = 16;
const MAX_TICKET_BYTES = 256;
const KINDS: readonly unknown[] = ['relay', 'direct', 'webrtc', 'ice'];

/** A scheme of WebSockets, an authority and printable ASCII. */
const WEBSOCKET_URL = /^wss?:\/\/[!-~]+$/;

/**
 * Checks and copies an endpoint. Fields that are not known are left out.
 * @returns owned; null when it is none. Never throws.
 * @example
 * const endpoint = parseEndpoint(JSON.parse(text));
 */
export function parseEndpoint(value: unknown): Endpoint | null {
  if (!isObject(value)) return null;
  const { kind } = value;
  if (kind === 'relay') return parseRelay(value);
  if (kind === 'direct') {
    const address = parseAddress(value);
    return address && { kind, ...address };
  }
  if (kind !== 'webrtc' && kind !== 'ice') return null;
  const { relayOnly } = value;
  if (relayOnly === true) return { kind, relayOnly };
  return relayOnly === undefined ? { kind } : null;
}

function parseAddress({ host, port }: Record<string, unknown>): {
  host: string;
  port: number;
} | null {
  return isText(host) && isCount(port, 0xffff) && port > 0 ? { host, port } : null;
}

function parseRelay(value: Record<string, unknown>): Endpoint | null {
  const { protocol, url } = value;
  const peerTag = bytesOf(value.peerTag, PEER_TAG_BYTES, PEER_TAG_BYTES);
  const ticket =
    value.ticket === undefined ? undefined : bytesOf(value.ticket, 1, MAX_TICKET_BYTES);
  if (!peerTag || ticket === null) return null;
  const credentials = ticket ? { peerTag, ticket } : { peerTag };
  if (protocol === 'websocket') {
    if (!isText(url) || !WEBSOCKET_URL.test(url)) return null;
    return { kind: 'relay', protocol, url, ...credentials };
  }
  const address = parseAddress(value);
  if (!address) return null;
  if (protocol === undefined) return { kind: 'relay', ...address, ...credentials };
  if (protocol !== 'udp' && protocol !== 'tcp') return null;
  return { kind: 'relay', protocol, ...address, ...credentials };
}

/** Endpoints of a kind that this version does not know are left out; anything malformed is refused. */
export function parseEndpoints(value: unknown): Endpoint[] | null {
  if (!Array.isArray(value) || value.length > MAX_ENDPOINTS) return null;
  const endpoints: Endpoint[] = [];
  for (const item of value) {
    const endpoint = parseEndpoint(item);
    if (endpoint) endpoints.push(endpoint);
    else if (!isObject(item) || KINDS.includes(item.kind)) return null;
  }
  return endpoints;
}

/** What makes an endpoint that endpoint: equal texts for the same one, whatever its ticket. */
function identity(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'relay': {
      const { protocol = 'udp', peerTag } = endpoint;
      const address =
        endpoint.protocol === 'websocket' ? endpoint.url : `${endpoint.host} ${endpoint.port}`;
      return `relay ${protocol} ${address} ${toHex(peerTag)}`;
    }
    case 'direct':
      return `direct ${endpoint.host} ${endpoint.port}`;
    default:
      return endpoint.kind;
  }
}

/** True when both are the same relay, reached in the same way with the same tag, or the same address. */
export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return identity(a) === identity(b);
}

/** True when packets on it show the two ends each other's addresses. */
export function isDirect(endpoint: Endpoint): boolean {
  if (endpoint.kind === 'relay') return false;
  return endpoint.kind === 'direct' || endpoint.relayOnly !== true;
}
