// Many packets, each with a key of its own, in one call. A job is five words: address of the key, x,
// address of the body, length, and the result. Messages go two at a time, because one IGE stream leaves
// half of the processor idle. What differs among jobs, lengths included, is public.

import { maskBytes } from "../core/constant-time";
import { aesIgeDecrypt, aesIgeDecryptPair, aesIgeEncrypt, aesIgeEncryptPair } from "../crypto/ige";
import {
  AES_IV, SCHEDULE, SET, SET2, messageStartOpen, messageStartSeal, setWipe,
} from "./cipher-set";
import { callPacketOpen, checkMsgKey, messageOpen } from "./open";
import { callPacketSeal, messageSeal } from "./seal";

// @ts-ignore: decorator
@inline
const JOB_BYTES: usize = 20;

// @ts-ignore: decorator
@inline
function keyOf(job: usize): usize {
  return load<u32>(job);
}
// @ts-ignore: decorator
@inline
function xOf(job: usize): usize {
  return load<u32>(job, 4);
}
// @ts-ignore: decorator
@inline
function bodyOf(job: usize): usize {
  return load<u32>(job, 8);
}
// @ts-ignore: decorator
@inline
function lengthOf(job: usize): usize {
  return load<u32>(job, 12);
}
// @ts-ignore: decorator
@inline
function setResult(job: usize, result: i32): void {
  store<i32>(job, result, 16);
}

/** callPacketSeal of `count` jobs. */
export function callPacketsSeal(jobs: usize, count: usize): void {
  for (const end = jobs + count * JOB_BYTES; jobs < end; jobs += JOB_BYTES) {
    setResult(jobs, callPacketSeal(keyOf(jobs), xOf(jobs), bodyOf(jobs), lengthOf(jobs)));
  }
}

/** callPacketOpen of `count` jobs. */
export function callPacketsOpen(jobs: usize, count: usize): void {
  for (const end = jobs + count * JOB_BYTES; jobs < end; jobs += JOB_BYTES) {
    setResult(jobs, callPacketOpen(keyOf(jobs), xOf(jobs), bodyOf(jobs), lengthOf(jobs)));
  }
}

/** messageSeal of `count` jobs. */
export function messagesSeal(jobs: usize, count: usize): void {
  const end = jobs + count * JOB_BYTES;
  for (; jobs + JOB_BYTES < end; jobs += 2 * JOB_BYTES) {
    const next = jobs + JOB_BYTES;
    const body = bodyOf(jobs), body2 = bodyOf(next);
    const length = lengthOf(jobs), length2 = lengthOf(next);
    messageStartSeal(SET, keyOf(jobs), xOf(jobs), body, length);
    messageStartSeal(SET2, keyOf(next), xOf(next), body2, length2);
    const both = min(length, length2);
    aesIgeEncryptPair(
      SET + SCHEDULE, SET + AES_IV, body, body,
      SET2 + SCHEDULE, SET2 + AES_IV, body2, body2, both,
    );
    aesIgeEncrypt(SET + SCHEDULE, SET + AES_IV, body + both, body + both, length - both);
    aesIgeEncrypt(SET2 + SCHEDULE, SET2 + AES_IV, body2 + both, body2 + both, length2 - both);
    setResult(jobs, <i32>length + 16);
    setResult(next, <i32>length2 + 16);
    setWipe(SET);
    setWipe(SET2);
  }
  if (jobs < end) {
    setResult(jobs, messageSeal(keyOf(jobs), xOf(jobs), bodyOf(jobs), lengthOf(jobs)));
  }
}

function finishOpen(set: usize, job: usize): void {
  const mask = checkMsgKey(set, keyOf(job), xOf(job), bodyOf(job), lengthOf(job));
  maskBytes(bodyOf(job), lengthOf(job), mask);
  setResult(job, <i32>(mask & 1));
  setWipe(set);
}

/** messageOpen of `count` jobs. */
export function messagesOpen(jobs: usize, count: usize): void {
  const end = jobs + count * JOB_BYTES;
  for (; jobs + JOB_BYTES < end; jobs += 2 * JOB_BYTES) {
    const next = jobs + JOB_BYTES;
    const body = bodyOf(jobs), body2 = bodyOf(next);
    const length = lengthOf(jobs), length2 = lengthOf(next);
    messageStartOpen(SET, keyOf(jobs), xOf(jobs), body);
    messageStartOpen(SET2, keyOf(next), xOf(next), body2);
    const both = min(length, length2);
    aesIgeDecryptPair(
      SET + SCHEDULE, SET + AES_IV, body, body,
      SET2 + SCHEDULE, SET2 + AES_IV, body2, body2, both,
    );
    aesIgeDecrypt(SET + SCHEDULE, SET + AES_IV, body + both, body + both, length - both);
    aesIgeDecrypt(SET2 + SCHEDULE, SET2 + AES_IV, body2 + both, body2 + both, length2 - both);
    finishOpen(SET, jobs);
    finishOpen(SET2, next);
  }
  if (jobs < end) {
    setResult(jobs, messageOpen(keyOf(jobs), xOf(jobs), bodyOf(jobs), lengthOf(jobs)));
  }
}
