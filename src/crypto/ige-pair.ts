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

type Part = { data: Uint8Array; target: Uint8Array | undefined };
type Stream = Part & { iv: number; schedule: number };

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
  const { exports } = engine;
  const single = direction === 'encrypt' ? exports.aesIgeEncrypt : exports.aesIgeDecrypt;
  const pair = direction === 'encrypt' ? exports.aesIgeEncryptPair : exports.aesIgeDecryptPair;
  const alike = keyBytes(first.key) === keyBytes(second.key);
  const jobs: [Stream, Stream] = [
    { iv: engine.stageIv(first.iv), schedule: scheduleOf(engine, first.key), ...part(first) },
    {
      iv: engine.stageSecondIv(second.iv),
      schedule: secondScheduleOf(engine, second.key),
      ...part(second),
    },
  ];
  const [a, b] = jobs;
  const longest = Math.max(a.data.length, b.data.length);
  // Borrowed views of the work area would be overwritten; so would input behind a target in one buffer.
  for (const job of jobs) {
    if (engine.owns(job.data) || (longest > WORK_BYTES / 2 && shares(job.data, jobs))) {
      job.data = job.data.slice();
    }
  }
  const stride = engine.divide(2, longest);
  const { work, workAddress: here } = engine;
  const there = here + stride;
  const whole = longest <= stride;
  for (const job of jobs) {
    if (!whole || job.target) job.target ??= new Uint8Array(job.data.length);
  }
  for (let at = 0; at < longest; at += stride) {
    const [m, n] = jobs.map(({ data }) => Math.max(0, Math.min(stride, data.length - at))) as [
      number,
      number,
    ];
    work.set(a.data.subarray(at, at + m));
    work.set(b.data.subarray(at, at + n), stride);
    const both = alike ? Math.min(m, n) : 0;
    pair(a.schedule, a.iv, here, here, b.schedule, b.iv, there, there, both);
    single(a.schedule, a.iv, here + both, here + both, m - both);
    single(b.schedule, b.iv, there + both, there + both, n - both);
    a.target?.set(work.subarray(0, m), at);
    b.target?.set(work.subarray(stride, stride + n), at);
  }
  engine.wipeStaging();
  const results: [Uint8Array, Uint8Array] = [
    a.target ?? work.subarray(0, a.data.length),
    b.target ?? work.subarray(stride, stride + b.data.length),
  ];
  // Unless a result lies in the work area, nothing of the data stays there.
  if (results.every((result) => result.buffer !== work.buffer)) engine.wipeWork();
  return results;
}

const part = (job: IgeJob): Part => ({ data: job.data, target: job.dst });

const shares = (data: Uint8Array, jobs: readonly Part[]): boolean =>
  jobs.some(({ target }) => target !== undefined && target.buffer === data.buffer);
