import { badArgument } from './errors.ts';

/** @throws {MtprotoError} `bad-argument` */
export function checkMsgId(msgId: unknown): asserts msgId is bigint {
  if (typeof msgId !== 'bigint' || msgId < 0n || msgId >> 64n !== 0n) {
    throw badArgument('"msgId" expected a bigint in 0..2^64 - 1');
  }
}
