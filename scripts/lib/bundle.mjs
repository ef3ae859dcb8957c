// Bundles for a browser, as a user's bundler does.
import { build } from 'esbuild';
import { root } from './package.mjs';

/**
 * Minified ES module made of `contents`. Throws when a Node module is needed: nothing is polyfilled.
 * libopus-wasm, where it is named, asks for node:module behind a test for Node; that import alone is left
 * in place.
 */
export async function bundleSource(contents, resolveDir = root) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: contents.includes('/libopus') ? ['node:module'] : [],
    metafile: true,
    logLevel: 'silent',
  });
  for (const [file, { imports }] of Object.entries(metafile.inputs)) {
    for (const { path, external } of imports) {
      if (external && !file.includes('node_modules/libopus-wasm/')) {
        throw new Error(`${file} needs ${path}`);
      }
    }
  }
  return outputFiles[0].contents;
}

/** A bundle of everything that a subpath exports. */
export const bundleForBrowser = (name) => bundleSource(`export * from '${name}';`);
