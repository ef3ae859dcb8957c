// The `.bit` format: packet length (4 bytes, big-endian), final range of the encoder (4, big-endian),
// packet; and so on until the end of the file.

/**
 * @param {Uint8Array} bytes
 * @returns {{ packet: Uint8Array, range: number }[]} views of `bytes`
 */
export function readBitFile(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packets = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) throw new Error('bit file: cut in a header');
    const end = at + 8 + view.getUint32(at);
    if (end > bytes.length) throw new Error('bit file: cut in a packet');
    packets.push({ packet: bytes.subarray(at + 8, end), range: view.getUint32(at + 4) });
    at = end;
  }
  return packets;
}

/** s16 little-endian, whatever the machine. @param {Int16Array} pcm */
export function littleEndian(pcm) {
  const bytes = new Uint8Array(2 * pcm.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < pcm.length; i++) view.setInt16(2 * i, pcm[i], true);
  return bytes;
}

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
