import * as assert from 'uvu/assert';
import { SottovoceError } from 'sottovoce';

/** What nobody should pass, and somebody will. */
export const oddValues = [
  undefined,
  null,
  0,
  -1,
  NaN,
  1.5,
  2 ** 53,
  '',
  'x',
  true,
  1n,
  -1n,
  Symbol('odd'),
  () => {},
  {},
  [],
  new Date(0),
  new ArrayBuffer(8),
  new DataView(new ArrayBuffer(4)),
  new Float32Array(4),
  new Uint8Array(0),
  new Uint8Array(3),
];

/**
 * Calls `act` with every odd value: it may work, or throw an error of this package with a code.
 * @param {string} name
 * @param {(value: any) => unknown} act
 */
export function survives(name, act) {
  for (const [i, value] of oddValues.entries()) {
    try {
      act(value);
    } catch (error) {
      checkError(`${name}, value ${i}`, error);
    }
  }
}

/**
 * As `survives`, for what is asynchronous.
 * @param {string} name
 * @param {(value: any) => Promise<unknown>} act
 */
export async function survivesLater(name, act) {
  for (const [i, value] of oddValues.entries()) {
    try {
      await act(value);
    } catch (error) {
      checkError(`${name}, value ${i}`, error);
    }
  }
}

/** @param {string} name @param {unknown} error */
function checkError(name, error) {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  assert.instance(error, SottovoceError, `${name}: ${text}`);
  assert.match(/** @type {SottovoceError} */ (error).code, /^[a-z]+(-[a-z]+)*$/, name);
}
