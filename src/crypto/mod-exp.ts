import { checkBytes } from '../core/checks.ts';
import { checkDst, type Engine, EXPONENT_BYTES } from './engine.ts';
import { badArgument, badLength, CryptoError } from './errors.ts';
import { SharedKey } from './shared-key.ts';

function checkNumber(name: string, value: unknown, maxBytes = 256): asserts value is Uint8Array {
  checkBytes(name, value, badArgument);
  if (value.length < 1 || value.length > maxBytes) {
    throw badLength(`"${name}" expected 1..${maxBytes} bytes, got ${value.length}`);
  }
}

function checkModulus(modulus: Uint8Array): void {
  checkNumber('modulus', modulus);
  if ((modulus[modulus.length - 1]! & 1) === 0) {
    throw new CryptoError('bad-modulus', '"modulus" expected an odd number, got an even one');
  }
}

/** Checks and stages the numbers of a power, in the order of the module's arguments. */
function stagePower(
  engine: Engine,
  base: Uint8Array,
  exponent: Uint8Array,
  modulus: Uint8Array,
  minBytes: number,
): [number, number, number, number] {
  engine.checkOpen();
  checkNumber('base', base);
  checkNumber('exponent', exponent, EXPONENT_BYTES);
  checkModulus(modulus);
  const bytes = Math.max(minBytes, exponent.length);
  return [
    engine.stageBase(base),
    engine.stageExponent(exponent, bytes),
    bytes,
    engine.stageModulus(modulus),
  ];
}

/** Secret exponents pass for 2048 bits, however short they are. */
const SECRET_BYTES = 256;

/** @internal */
export function runModExp(
  engine: Engine,
  base: Uint8Array,
  exponent: Uint8Array,
  modulus: Uint8Array,
  dst: Uint8Array | undefined,
  minBytes: number = SECRET_BYTES,
): Uint8Array {
  checkDst(dst, 256);
  const numbers = stagePower(engine, base, exponent, modulus, minBytes);
  engine.exports.modExp(engine.resultAddress, ...numbers);
  engine.wipeStaging();
  return engine.takeResult(256, dst);
}

/** @internal The power becomes a key without passing through JavaScript. */
export function runModExpShared(
  engine: Engine,
  base: Uint8Array,
  exponent: Uint8Array,
  modulus: Uint8Array,
): SharedKey {
  const numbers = stagePower(engine, base, exponent, modulus, SECRET_BYTES);
  const block = engine.memory.allocate(256);
  engine.exports.modExp(block.address, ...numbers);
  engine.wipeStaging();
  return new SharedKey(engine, block);
}

/** @internal a * b or a - b modulo an odd number. */
export function runModular(
  engine: Engine,
  operation: 'modMultiply' | 'modSubtract',
  a: Uint8Array,
  b: Uint8Array,
  modulus: Uint8Array,
  dst: Uint8Array | undefined,
): Uint8Array {
  engine.checkOpen();
  checkNumber('a', a);
  checkNumber('b', b);
  checkModulus(modulus);
  checkDst(dst, 256);
  const [first, second] = [engine.stageBase(a), engine.stageExponent(b)];
  engine.exports[operation](engine.resultAddress, first, second, engine.stageModulus(modulus));
  engine.wipeStaging();
  return engine.takeResult(256, dst);
}

/** @internal a + b * c without a modulus. */
export function runMultiplyAdd(
  engine: Engine,
  a: Uint8Array,
  b: Uint8Array,
  c: Uint8Array,
  dst: Uint8Array | undefined,
): Uint8Array {
  engine.checkOpen();
  checkNumber('a', a);
  checkNumber('b', b, 32);
  checkNumber('c', c, 32);
  checkDst(dst, EXPONENT_BYTES);
  const sum = engine.stageBase(a);
  const [first, second] = [engine.stageExponent(b), engine.stageModulus(c)];
  // Staged in 256 bytes each, of which the last 32 count.
  engine.exports.bigMultiplyAdd(engine.resultAddress, sum, first + 224, second + 224);
  engine.wipeStaging();
  return engine.takeResult(EXPONENT_BYTES, dst);
}

/** @internal The two primes of a product below 2^63, or null. */
export function runFactorPq(engine: Engine, pq: Uint8Array): [Uint8Array, Uint8Array] | null {
  engine.checkOpen();
  checkNumber('pq', pq, 8);
  const number = new Uint8Array(8);
  number.set(pq, 8 - pq.length);
  const { exports, resultAddress } = engine;
  if (exports.pqFactor(resultAddress, engine.stageIv(number)) === 0) return null;
  const both = engine.takeResult(16, new Uint8Array(16));
  return [minimal(both.subarray(0, 8)), minimal(both.subarray(8))];
}

function minimal(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return bytes.slice(first);
}
