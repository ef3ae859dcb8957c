import { suite } from 'uvu';

const s = suite('green');
s('passes', () => {});
s.run();
