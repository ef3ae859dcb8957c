// Runs uvu suites that were queued by test files, in any context, and returns plain data.
// It does not use uvu's own exec(), which (a) prints instead of returning, (b) is scheduled with
// setTimeout (absent in AudioWorkletGlobalScope) and (c) is green when a before() hook throws.

/** Must run before uvu is evaluated: tells uvu to queue suites instead of scheduling exec(). */
export function prepare() {
  globalThis.UVU_DEFER = 1;
  globalThis.UVU_QUEUE = [];
}

/** Opens a group in the queue; suites that run() from now on belong to `name`. */
export function mark(name) {
  globalThis.UVU_INDEX = globalThis.UVU_QUEUE.push([name]) - 1;
}

/** Message and stack: only V8 repeats the message in `stack`. */
export function describe(error) {
  const text = String(error);
  const stack = String(error?.stack ?? '');
  return stack.includes(text) ? stack : `${text}\n${stack}`;
}

/** Milliseconds that a suite may take. */
const limit = Number(globalThis.process?.env?.SUITE_LIMIT ?? 60_000);
/** Read when this module is evaluated: AudioWorklets have none, and get a stand-in for a while. */
const { setTimeout, clearTimeout } = globalThis;

/** Who executed the tests, by its own account. */
function runtime() {
  const { Deno, Bun, process, navigator } = /** @type {any} */ (globalThis);
  if (Deno) return `Deno ${Deno.version.deno}`;
  if (Bun) return `Bun ${Bun.version}`;
  if (process?.version) return `Node ${process.version}`;
  // Every browser claims to be Safari, and Chromium claims to be Chrome: the first match is right.
  const agent = navigator?.userAgent ?? '';
  return /(Firefox|Chrome|Version)\/[\d.]+/.exec(agent)?.[0].replace('Version', 'WebKit') ?? '';
}

function timed(promise) {
  if (!setTimeout) return promise; // the page holds the clock
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`suite did not settle in ${limit} ms`)), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Executes everything queued; `onFile` hears of each file before it runs. */
export async function collect(onFile = (_file) => {}) {
  const messages = /** @type {string[]} */ ([]);
  const slow = /** @type {string[]} */ ([]);
  const result = { passed: 0, failed: 0, skipped: 0, messages, slow, runtime: runtime() };
  const fail = (count, text) => {
    result.failed += count;
    result.messages.push(text);
  };
  for (const [file, ...suites] of globalThis.UVU_QUEUE) {
    onFile(file);
    const start = Date.now();
    if (suites.length === 0) fail(1, `${file}: no suite called run()`);
    for (const run of suites) {
      try {
        const [errors, passed, skipped, total] = await timed(run());
        result.passed += passed;
        result.skipped += skipped;
        if (total === 0) fail(1, `${file}: a suite without tests`);
        if (errors !== true) fail(total - passed, `${file}\n${errors}`);
        else if (passed !== total) fail(total - passed, `${file}: a hook threw`);
        if (skipped > 0) fail(skipped, `${file}: ${skipped} left out by skip() or only()`);
      } catch (error) {
        fail(1, `${file}: ${describe(error)}`);
      }
    }
    const seconds = (Date.now() - start) / 1000;
    if (seconds > 3) slow.push(`${file} ${seconds.toFixed(1)} s`);
  }
  return result;
}
