// A few sessions of the fuzzer: ours beside OpenSSL and the baseline in plain TypeScript.
import { suite } from 'uvu';
import { open } from '../fuzz/crypto.js';

const fuzz = suite('crypto/fuzz');
const fuzzer = open();
for (const seed of [0, 1, 2, 3]) fuzz(`session ${seed}`, () => fuzzer.session(seed));
fuzz.run();
