// Runs the test files in page, worker and AudioWorklet of one browser.
import { launch } from './browsers.mjs';
import { browserContexts, runsIn } from './contexts.mjs';
import { serve } from './server.mjs';

/** A browser that says nothing for so long hangs. The page itself gives up after 60 s. */
const silence = 90_000;

/** Returns `[[context, report]...]`, or undefined when the browser is not installed. */
export async function runInBrowser(name, files) {
  const plan = browserContexts
    .map((context) => ({ context, files: files.filter((file) => runsIn(file, context)) }))
    .filter((part) => part.files.length > 0);
  if (plan.length === 0) return [];
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
