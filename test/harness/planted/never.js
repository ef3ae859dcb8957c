import { suite } from 'uvu';

const s = suite('never settles');
s('waits for nothing', () => new Promise(() => {}));
s.run();
