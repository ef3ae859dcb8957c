import { suite } from 'uvu';

const s = suite('a hook throws');
s.before(() => {
  throw new Error('planted');
});
s('passes', () => {});
s.run();
