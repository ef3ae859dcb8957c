import { suite } from 'uvu';

suite('no tests').run();
