// Byte arrays in tests, in every runtime.

/** @param {string} hex */
export function fromHex(hex) {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}

/** @param {Uint8Array} bytes */
export function toHex(bytes) {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

/** @param {Uint8Array[]} parts */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/**
 * The error that `run` throws, which must have this code.
 * @param {string} code
 * @param {() => unknown} run
 */
export function throwsCode(code, run) {
  try {
    run();
  } catch (error) {
    const { code: got } = /** @type {{ code?: unknown }} */ (error);
    if (got !== code) throw new Error(`expected code ${code}, got ${String(got)}: ${error}`);
    return /** @type {Error} */ (error);
  }
  throw new Error(`expected an error with code ${code}, got none`);
}
