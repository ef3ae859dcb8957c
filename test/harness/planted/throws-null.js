import { suite } from 'uvu';

const s = suite('throws null');
s('passes', () => {});
s('throws something that is no error', () => {
  throw null;
});
s.run();
