import { suite } from 'uvu';

const s = suite('only');
s('does not run', () => {});
s.only('runs', () => {});
s.run();
