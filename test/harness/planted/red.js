import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const s = suite('red');
s('passes', () => {});
s('fails', () => assert.is(1, 2));
s.run();
