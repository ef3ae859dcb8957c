export { createCrypto } from './crypto-core.ts';
