import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { prng } from './prng.js';
import expected from '../fixtures/prng.json' with { type: 'json' };

const generator = suite('prng');

generator('one seed gives one sequence', () => {
  const random = prng(expected.seed);
  assert.equal([...random.bytes(expected.bytes.length)], expected.bytes);
});

generator('stays inside its ranges', () => {
  const random = prng(1);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), (limit) => {
      const value = random.int(limit);
      return Number.isInteger(value) && value >= 0 && value < limit && random.float() < 1;
    }),
    { seed: 1, numRuns: 100 },
  );
});

generator.run();
