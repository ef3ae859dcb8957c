import { copyBytes } from '../core/bytes.ts';
import { checkBytes, checkLength } from '../core/checks.ts';
import { type AesKey, checkKey, scheduleOf, secondScheduleOf } from './aes-key.ts';
import { checkBlocks, type Direction } from './aes.ts';
import { checkDst, type Engine, WORK_BYTES } from './engine.ts';
import { badArgument, badLength } from './errors.ts';

/** One of two independent IGE operations; the members are the arguments of {@link CryptoCore.aesIgeEncrypt}. */
export type IgeJob = {
  /** 32 bytes, or an {@link AesKey}. */
  key: Uint8Array | AesKey;
  /** 32 bytes, not modified. */
  iv: Uint8Array;
  /** A multiple of 16 bytes. */
  data: Uint8Array;
  /** Receives `data.length` bytes; may be `data` itself. */
  dst?: Uint8Array;
};

function checkJob(engine: Engine, name: string, job: IgeJob): void {
  if (typeof job !== 'object' || job === null) throw badArgument(`"${name}" expected an object`);
  checkKey(engine, job.key);
  checkBytes('iv', job.iv, badArgument);
  checkLength('iv', job.iv, 32, badLength);
  checkBlocks('data', job.data);
  checkDst(job.dst, job.data.length);
}

/** How long a key is; the pair runs in one loop only when both have as many rounds. */
const keyBytes = (key: Uint8Array | AesKey): number =>
  key instanceof Uint8Array ? key.length : key.keyBytes;

/** @internal Two IGE operations at a time. */
export function runAesIgePair(
  engine: Engine,
  direction: Direction,
  first: IgeJob,
  second: IgeJob,
): [Uint8Array, Uint8Array] {
  engine.checkOpen();
  checkJob(engine, 'first', first);
  checkJob(engine, 'second', second);
  const { exports, work } = engine;
  const single = direction === 'encrypt' ? exports.aesIgeEncrypt : exports.aesIgeDecrypt;
  const pair = direction === 'encrypt' ? exports.aesIgeEncryptPair : exports.aesIgeDecryptPair;
  const alike = keyBytes(first.key) === keyBytes(second.key);
  const iv = engine.stageIv(first.iv);
  const iv2 = engine.stageSecondIv(second.iv);
  const schedule = scheduleOf(engine, first.key);
  const schedule2 = secondScheduleOf(engine, second.key);
  const longest = Math.max(first.data.length, second.data.length);
  const whole = longest <= WORK_BYTES / 2;
  const data = ownInput(engine, first.data, whole, first.dst, second.dst);
  const data2 = ownInput(engine, second.data, whole, first.dst, second.dst);
  const stride = engine.divide(2, longest);
  const here = engine.workAddress;
  const there = here + stride;
  const target = first.dst ?? (whole ? undefined : new Uint8Array(data.length));
  const target2 = second.dst ?? (whole ? undefined : new Uint8Array(data2.length));
  for (let at = 0; at < longest; at += stride) {
    const m = pieceOf(data, at, stride);
    const n = pieceOf(data2, at, stride);
    work.set(whole ? data : data.subarray(at, at + m));
    work.set(whole ? data2 : data2.subarray(at, at + n), stride);
    const both = alike ? Math.min(m, n) : 0;
    pair(schedule, iv, here, here, schedule2, iv2, there, there, both);
    if (m > both) single(schedule, iv, here + both, here + both, m - both);
    if (n > both) single(schedule2, iv2, there + both, there + both, n - both);
    if (m > 0) target?.set(work.subarray(0, m), at);
    if (n > 0) target2?.set(work.subarray(stride, stride + n), at);
  }
  engine.wipeStaging();
  const result = target ?? work.subarray(0, data.length);
  const result2 = target2 ?? work.subarray(stride, stride + data2.length);
  // Unless a result lies in the work area, nothing of the data stays there.
  if (!engine.owns(result) && !engine.owns(result2)) engine.wipeWork();
  return [result, result2];
}

const pieceOf = (data: Uint8Array, at: number, stride: number): number =>
  Math.max(0, Math.min(stride, data.length - at));

/** The input, or a copy when what is written could reach it before it is read. */
function ownInput(
  engine: Engine,
  data: Uint8Array,
  whole: boolean,
  dst: Uint8Array | undefined,
  dst2: Uint8Array | undefined,
): Uint8Array {
  if (engine.owns(data)) return copyBytes(data); // may be a borrowed view of the work area
  if (whole) return data;
  const { buffer } = data;
  return dst?.buffer === buffer || dst2?.buffer === buffer ? copyBytes(data) : data;
}
