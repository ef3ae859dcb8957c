import { base64 as decoderModule } from '../../build/wasm/base64.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Node and Bun decode natively. Asked for through globalThis, so that no bundler adds a polyfill. */
type NodeGlobals = {
  readonly Buffer?: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> };
};

/** From this length on the detour through WebAssembly is shorter. */
const LONG = 4096;

/**
 * Standard padded base64 (RFC 4648 section 4) to bytes. A loop in JavaScript that runs once runs in an
 * interpreter: 4 ms for the Opus module. So long texts are decoded by a module of 0.5 KB, where there is
 * a TextEncoder to get them into its memory. AudioWorkletGlobalScope has none, and no atob().
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  if (text.length < LONG) return byLoop(text);
  const { Buffer } = globalThis as NodeGlobals;
  if (Buffer !== undefined) return Buffer.from(text, 'base64');
  if (typeof TextEncoder === 'undefined') return byLoop(text);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(byLoop(decoderModule)));
  const { memory, base64Reserve, base64Decode } = exports as {
    memory: WebAssembly.Memory;
    base64Reserve(length: number): number;
    base64Decode(text: number, length: number): void;
  };
  const address = base64Reserve(text.length);
  new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, address, text.length));
  base64Decode(address, text.length);
  return new Uint8Array(memory.buffer, address, decodedLength(text)).slice();
}

function decodedLength(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

function byLoop(text: string): Uint8Array<ArrayBuffer> {
  const value = new Uint8Array(128);
  for (let i = 0; i < 64; i++) value[ALPHABET.charCodeAt(i)] = i;
  const bytes = new Uint8Array(decodedLength(text));
  for (let i = 0, o = 0; i < text.length; i += 4) {
    const word =
      (value[text.charCodeAt(i)]! << 18) |
      (value[text.charCodeAt(i + 1)]! << 12) |
      (value[text.charCodeAt(i + 2)]! << 6) |
      value[text.charCodeAt(i + 3)]!;
    bytes[o++] = word >> 16; // a typed array ignores stores past its end
    bytes[o++] = word >> 8;
    bytes[o++] = word;
  }
  return bytes;
}
