// Hex, bytes and comparison for the vector checker. No cryptography.

/**
 * Bytes of lower-case hex. A field that is missing or is no hex fails its case.
 * @param {unknown} text
 * @param {string} name for the message
 */
export function bytes(text, name = 'field') {
  if (typeof text !== 'string' || !/^([0-9a-f]{2})*$/.test(text)) {
    throw new Error(`${name}: expected hex, got ${text === undefined ? 'nothing' : typeof text}`);
  }
  const result = new Uint8Array(text.length / 2);
  for (let i = 0; i < result.length; i++) {
    result[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  }
  return result;
}

const DIGITS = '0123456789abcdef';

/** @param {Uint8Array} data */
export function hex(data) {
  let text = '';
  for (const byte of data) text += DIGITS[byte >> 4] + DIGITS[byte & 15];
  return text;
}

/** @param {Uint8Array[]} parts */
export function concat(...parts) {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let length = 0;
  for (const part of parts) {
    result.set(part, length);
    length += part.length;
  }
  return result;
}

/** Bytes as hex, keys in order, so that equal values have equal texts. */
function canonical(value) {
  if (value instanceof Uint8Array) return `"${hex(value)}"`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.keys(value).sort();
    return `{${fields.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
  }
  if (typeof value === 'bigint') return `${value}n`;
  return JSON.stringify(value) ?? 'nothing';
}

const short = (text) => (text.length > 150 ? `${text.slice(0, 147)}...` : text);

/**
 * Throws unless both are equal: bytes against hex, plain data against plain data. A missing
 * expectation is never equal to anything.
 */
export function same(name, actual, expected) {
  if (expected === undefined) throw new Error(`${name}: the case has no such field`);
  const [got, wanted] = [canonical(actual), canonical(expected)];
  if (got !== wanted) throw new Error(`${name}: expected ${short(wanted)}, got ${short(got)}`);
}

/** @param {unknown} value @param {string} name @returns {any[]} */
export function list(value, name) {
  if (!Array.isArray(value)) throw new Error(`${name}: expected a list`);
  return value;
}

/** @param {unknown} value @param {string} name @returns {number} */
export function integer(value, name) {
  if (!Number.isInteger(value)) throw new Error(`${name}: expected an integer`);
  return /** @type {number} */ (value);
}

/** @param {unknown} value @param {string} name @returns {boolean} */
export function boolean(value, name) {
  if (typeof value !== 'boolean') throw new Error(`${name}: expected true or false`);
  return value;
}

/** @param {unknown} value @param {string} name @param {string[]} allowed @returns {any} */
export function oneOf(value, name, allowed) {
  if (typeof value !== 'string' || !allowed.includes(value)) {
    throw new Error(`${name}: expected ${allowed.join(' or ')}`);
  }
  return value;
}
