// Runs the test files in page, worker and AudioWorklet of one browser.
import { launch } from './browsers.mjs';
import { browserContexts, runsIn } from './contexts.mjs';
import { serve } from './server.mjs';

/** A browser that says nothing for so long hangs. The page itself gives up after 60 s. */
const silence = 90_000;

/**
 * Returns `[[context, report]...]`, or undefined when the browser is not installed. Each context has a browser of its
 * own: a process has address space for about a hundred WebAssembly memories, and page, worker and worklet share one.
 */
export async function runInBrowser(name, files) {
  const reports = [];
  for (const context of browserContexts) {
    const part = { context, files: files.filter((file) => runsIn(file, context)) };
    if (part.files.length === 0) continue;
    const report = await runPlan(name, [part]);
    if (report === undefined) return undefined;
    reports.push(...report);
  }
  return reports;
}

async function runPlan(name, plan) {
  const results = new Map();
  let last = 'before the page said anything';
  let timer;
  let finish;
  const done = new Promise((resolve) => (finish = resolve));
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => finish(`nothing heard for ${silence} ms, ${last}`), silence);
  };
  const server = await serve({
    plan,
    onProgress(text) {
      last = `after "${text}"`;
      alive();
    },
    onReport(context, result) {
      results.set(context, result);
      alive();
      if (results.size === plan.length) finish('done');
    },
  });
  const browser = launch(name, server.url);
  if (!browser) {
    server.close();
    return undefined;
  }
  alive();
  browser.exited.then((code) => finish(`the browser left with ${code}, ${last}`));
  const end = await done;
  clearTimeout(timer);
  await browser.close();
  server.close();
  const missing = { passed: 0, failed: 1, skipped: 0, messages: [`${end}\n${browser.log()}`] };
  return plan.map(({ context }) => [`${name}:${context}`, results.get(context) ?? missing]);
}
