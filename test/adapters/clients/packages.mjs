// The clients, resolved from this folder, where npm run test:clients installs them.
import { createRequire } from 'node:module';

export * as mtcute from '@mtcute/core';
export * as mtcuteUtils from '@mtcute/core/utils.js';
export * as mtcuteNode from '@mtcute/node';
export * as mtcuteWasm from '@mtcute/wasm';

/** For the CommonJS ones: `require('telegram/crypto/IGE.js')`. */
export const require = createRequire(import.meta.url);

/** The peer connection of node-datachannel, which loads native code: only on demand. */
export const nodeDatachannel = () => import('node-datachannel/polyfill');
