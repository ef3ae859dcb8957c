// The baseline for programs of this repository: bundled to JavaScript on the fly.
import { buildSync } from 'esbuild';
import { fileURLToPath } from 'node:url';

const { outputFiles } = buildSync({
  entryPoints: [fileURLToPath(new URL('index.ts', import.meta.url))],
  bundle: true,
  format: 'esm',
  target: 'es2022',
  write: false,
});
const [{ text }] = /** @type {[{ text: string }]} */ (/** @type {unknown} */ (outputFiles));

/** @type {typeof import('./index.ts')} */
export const baseline = await import(`data:text/javascript,${encodeURIComponent(text)}`);
