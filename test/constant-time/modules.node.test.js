// The shipped modules: equal traces of addresses, branches and divisions over 64 secrets.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DH_PRIME } from 'sottovoce/crypto';
import { prng } from '../support/prng.js';
import { exponentiation, quickScenarios } from './scenarios.js';
import { secretsFor, Tracer } from './trace.js';

const secrets = secretsFor(1024, prng(2048), 64);
// One exponentiation is 24 million events: fewer secrets, the telling ones first.
const exponents = secretsFor(512, prng(512), 6);

for (const name of ['crypto', 'call']) {
  const modules = suite(`constant-time/${name}`);
  /** @type {Tracer} */
  let tracer;
  modules.before(() => {
    tracer = new Tracer(readFileSync(new URL(import.meta.resolve(`sottovoce/wasm/${name}.wasm`))));
  });
  const check = (/** @type {any} */ scenario, /** @type {Uint8Array[]} */ over) => {
    const { events, leak } = tracer.compare(scenario, over);
    assert.is(leak, null, leak ? `${scenario.name}: ${JSON.stringify(leak)}` : '');
    assert.ok(events > 10, `${scenario.name}: only ${events} events`);
  };
  // The call module holds the same functions: fewer secrets here, all of them in npm run check:constant-time.
  const over = name === 'crypto' ? secrets : secrets.slice(0, 20);
  for (const scenario of quickScenarios) modules(scenario.name, () => check(scenario, over));
  if (name === 'crypto') {
    const modExp = exponentiation(DH_PRIME);
    modules(modExp.name, () => check(modExp, exponents));
  }
  modules.run();
}
