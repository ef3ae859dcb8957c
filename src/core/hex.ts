/** Lower-case hexadecimal, two digits a byte. For public values: a string cannot be wiped. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
