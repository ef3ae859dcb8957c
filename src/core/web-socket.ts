/** What is used of a WebSocket (WHATWG WebSockets), so that no type of a runtime is named. */
export type WebSocketLike = {
  binaryType: string;
  /** 1 while it is open. */
  readonly readyState: number;
  /** Bytes that were sent and have not left yet. */
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
};

/** The runtime's `WebSocket`, or one like it: that of the package `ws` in Node 20. */
export type WebSocketConstructor = new (url: string) => WebSocketLike;

export const WEB_SOCKET_OPEN = 1;

/** The runtime's own constructor: browsers, Node from 22 on, Deno, Bun. */
export function ownWebSocket(): WebSocketConstructor | undefined {
  const { WebSocket } = globalThis as { WebSocket?: unknown };
  return typeof WebSocket === 'function' ? (WebSocket as WebSocketConstructor) : undefined;
}

/** Whether a text is an address for a WebSocket, without looking anything up. */
export function isWebSocketUrl(url: unknown): url is string {
  return typeof url === 'string' && /^wss?:\/\/[^\s/]+/i.test(url) && url.length <= 2048;
}

/** The bytes of a binary message, or null for a text; borrowed. */
export function messageBytes(event: unknown): Uint8Array | null {
  const { data } = event as { data?: unknown };
  if (data instanceof Uint8Array) return data;
  return data instanceof ArrayBuffer ? new Uint8Array(data) : null;
}
