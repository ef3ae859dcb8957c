// Serves the working tree to browsers on 127.0.0.1, rewriting bare import specifiers to paths,
// because import maps reach neither workers nor worklets, and JSON imports to modules, because
// Firefox ESR and WebKitGTK do not have them everywhere.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';

const root = new URL('../../', import.meta.url);
const types = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.html': 'text/html; charset=utf-8',
};
const headers = {
  // The package must live under a strict policy: nothing inline, no eval.
  'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
  // crossOriginIsolated: SharedArrayBuffer and fine clocks.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cache-control': 'no-store',
};

/**
 * "uvu/assert" -> "/node_modules/uvu/assert/index.mjs", as Node resolves it from test/. What cannot be
 * found stays: it may stand in a comment, and a browser refuses it by name if it does not. The modules of
 * mediabunny name node:fs, which bundlers leave out by its "browser" field; its own bundle does not. Of
 * fflate Node resolves the build for Node, which names the module "module".
 */
function resolve(specifier) {
  let url;
  try {
    url = import.meta.resolve(specifier === 'fflate' ? 'fflate/browser' : specifier);
  } catch {
    return specifier;
  }
  url = url.replace(
    /(\/mediabunny\/dist\/)modules\/src\/index\.js$/,
    '$1bundles/mediabunny.min.mjs',
  );
  if (!url.startsWith(root.href)) throw new Error(`${specifier} is outside the project`);
  return `/${url.slice(root.href.length)}`;
}

/** Makes the imports of a module such that every context of every browser understands them. */
export function rewrite(source) {
  return source
    .replace(
      /(\bfrom\s*|^\s*import\s*|\bimport\s*\(\s*)(["'])([\w@][^"'\s]*)\2/gm,
      (all, keyword, quote, specifier) =>
        /^node:|^(fs|url|path|module)$/.test(specifier)
          ? all // only ever behind a test for Node
          : `${keyword}${quote}${resolve(specifier)}${quote}`,
    )
    .replace(
      /(\bfrom\s*)(["'])([^"'\s]+\.json)\2\s*with\s*\{\s*type:\s*["']json["']\s*,?\s*\}/g,
      (_, keyword, quote, specifier) => `${keyword}${quote}${specifier}?module${quote}`,
    );
}

const asModule = (json) => `export default JSON.parse(${JSON.stringify(json)});`;

/** `plan` lists `{ context, files }`; the page posts progress, and one report for each context. */
export async function serve({ plan, onProgress, onReport }) {
  const forWorklet = [
    '/test/harness/processor.js',
    '/lend-timers.js',
    resolve('fast-check'),
    '/return-timers.js',
  ];
  const generated = {
    '/plan.json': () => JSON.stringify(plan),
    '/index.html': () =>
      '<!doctype html><title>tests</title><script type=module src=/test/harness/page.js></script>',
    '/prepare.js': () => 'import { prepare } from "/test/harness/collect.js"; prepare();',
    '/mark.js': (query) =>
      `import { mark } from "/test/harness/collect.js"; mark(${JSON.stringify(query)});`,
    '/report-from-worker.js': () =>
      `import { collect } from "/test/harness/collect.js";
      collect((file) => postMessage({ file })).then((result) => postMessage({ result }));`,
    // fast-check keeps a reference to timers when it is evaluated, and never uses it in synchronous
    // properties. Worklets have none, so for that moment they get some that refuse to work.
    '/lend-timers.js': () =>
      `const none = () => { throw new Error('no timers in AudioWorklets'); };
      globalThis.setTimeout ??= none; globalThis.clearTimeout ??= none;`,
    '/return-timers.js': () => 'delete globalThis.setTimeout; delete globalThis.clearTimeout;',
    // Static imports only: dynamic import() does not exist in worklets.
    '/entry.js': (query) =>
      [
        '/prepare.js',
        ...(query === 'worklet' ? forWorklet : []),
        ...plan
          .find(({ context }) => context === query)
          .files.flatMap((file) => [`/mark.js?${file}`, `/test/${file}`]),
        ...(query === 'worklet' ? [] : ['/report-from-worker.js']),
      ]
        .map((path) => `import "${path}";`)
        .join('\n'),
  };

  function content(pathname, query) {
    if (generated[pathname]) return generated[pathname](query);
    const bytes = readFileSync(new URL(`.${pathname}`, root));
    if (pathname.endsWith('.json') && query === 'module') return asModule(bytes.toString());
    return /\.m?js$/.test(pathname) ? rewrite(bytes.toString()) : bytes;
  }

  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://localhost');
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        response.end();
        const [, kind, context] = pathname.split('/');
        if (kind === 'report') onReport(context, JSON.parse(body));
        else onProgress(body);
      });
      return;
    }
    try {
      const query = decodeURIComponent(search.slice(1));
      const body = content(decodeURIComponent(pathname), query);
      const type = query === 'module' ? types['.js'] : types[extname(pathname)];
      response.writeHead(200, { ...headers, 'content-type': type ?? 'application/octet-stream' });
      response.end(body);
    } catch (error) {
      response.writeHead(404, headers).end(String(error));
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/index.html`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
