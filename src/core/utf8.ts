// UTF-8 (RFC 3629) without TextEncoder and TextDecoder, which AudioWorklets do not have.

/** Lone surrogates become U+FFFD, as TextEncoder does. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (const character of text) {
    let code = character.codePointAt(0)!;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) {
      bytes[length++] = code;
      continue;
    }
    let rest = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    bytes[length++] = (0xff00 >> (rest + 1)) | (code >> (6 * rest)); // 110..., 1110..., 11110...
    while (rest-- > 0) bytes[length++] = 0x80 | ((code >> (6 * rest)) & 0x3f);
  }
  return bytes.slice(0, length);
}

/** The smallest code point that needs 2, 3 and 4 bytes. */
const SMALLEST = [0, 0x80, 0x800, 0x10000];

/** Bytes that are not UTF-8 become U+FFFD, one each; never throws. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i]!;
    const rest = first < 0x80 ? 0 : first < 0xc0 ? 4 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    let code = rest === 0 ? first : first & (0x3f >> rest);
    let good = rest < 4 && first < 0xf8 && i + rest < bytes.length;
    for (let k = 1; good && k <= rest; k++) {
      const next = bytes[i + k]!;
      good = (next & 0xc0) === 0x80;
      code = (code << 6) | (next & 0x3f);
    }
    good &&= code >= SMALLEST[rest]! && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    text += good ? String.fromCodePoint(code) : '\ufffd';
    i += good ? rest + 1 : 1;
  }
  return text;
}
