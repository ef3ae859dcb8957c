import { suite } from 'uvu';

const s = suite('skipped');
s('runs', () => {});
s.skip('does not', () => {});
s.run();
