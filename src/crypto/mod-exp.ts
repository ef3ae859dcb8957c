import { checkBytes } from '../core/checks.ts';
import { checkDst, type Engine } from './engine.ts';
import { badArgument, badLength, CryptoError } from './errors.ts';
import { SharedKey } from './shared-key.ts';

function checkNumber(name: string, value: unknown): asserts value is Uint8Array {
  checkBytes(name, value, badArgument);
  if (value.length < 1 || value.length > 256) {
    throw badLength(`"${name}" expected 1..256 bytes, got ${value.length}`);
  }
}

/** Checks and stages the three numbers, in the order of the module's arguments. */
function stageNumbers(
  engine: Engine,
  base: Uint8Array,
  exponent: Uint8Array,
  modulus: Uint8Array,
): [number, number, number] {
  engine.checkOpen();
  checkNumber('base', base);
  checkNumber('exponent', exponent);
  checkNumber('modulus', modulus);
  if ((modulus[modulus.length - 1]! & 1) === 0) {
    throw new CryptoError('bad-modulus', '"modulus" expected an odd number, got an even one');
  }
  return [engine.stageBase(base), engine.stageExponent(exponent), engine.stageModulus(modulus)];
}

/** @internal */
export function runModExp(
  engine: Engine,
  base: Uint8Array,
  exponent: Uint8Array,
  modulus: Uint8Array,
  dst: Uint8Array | undefined,
): Uint8Array {
  checkDst(dst, 256);
  const numbers = stageNumbers(engine, base, exponent, modulus);
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
  const numbers = stageNumbers(engine, base, exponent, modulus);
  const block = engine.memory.allocate(256);
  engine.exports.modExp(block.address, ...numbers);
  engine.wipeStaging();
  return new SharedKey(engine, block);
}
