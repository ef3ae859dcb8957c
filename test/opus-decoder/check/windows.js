// Windows of reference PCM, compared sample by sample. Their files hold (before Brotli) two byte planes,
// all low bytes, then all high bytes, of zigzag-coded differences to the sample before of the channel.

/**
 * @param {Uint8Array} planes
 * @param {number} channels
 * @returns {Int16Array} interleaved
 */
export function readWindow(planes, channels) {
  const count = planes.length >> 1;
  const pcm = new Int16Array(count);
  for (let i = 0; i < count; i++) {
    const z = planes[i] | (planes[count + i] << 8);
    pcm[i] = (i < channels ? 0 : pcm[i - channels]) + ((z >> 1) ^ -(z & 1)); // wraps to 16 bits
  }
  return pcm;
}

/** Root mean square difference in LSB. @param {Int16Array} a @param {Int16Array} b */
export function rmsDifference(a, b) {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return a.length === 0 ? 0 : Math.sqrt(sum / a.length);
}
