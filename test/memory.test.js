import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';

const memory = suite('memory');
memory('an instance', () => assert.ok(createCrypto().memory.byteLength > 0));
memory.run();
