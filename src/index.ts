/**
 * Every facade under one name. The subpaths give the same names one subject at a time.
 * @module
 */
export { SottovoceError, WasmError, type WasmErrorCode } from './core/errors.ts';
export * from './crypto/index.ts';
export * from './opus/index.ts';
export * from './mtproto/index.ts';
export * from './call/index.ts';
export * from './transport/index.ts';
export * from './relay/index.ts';
