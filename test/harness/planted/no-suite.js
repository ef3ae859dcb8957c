import { suite } from 'uvu';

const s = suite('run() is forgotten');
s('never runs', () => {});
