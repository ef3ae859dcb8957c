import process from 'node:process';
import { suite } from 'uvu';

const s = suite('leaves early');
s('ends the process', () => process.exit(0));
s.run();
