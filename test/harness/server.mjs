// Serves the working tree to browsers on 127.0.0.1, rewriting bare import specifiers to paths,
// because import maps reach neither workers nor worklets.
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
const csp = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/** "uvu/assert" -> "/node_modules/uvu/assert/index.mjs", as Node resolves it from test/. */
function resolve(specifier) {
  const url = import.meta.resolve(specifier);
  if (!url.startsWith(root.href)) throw new Error(`${specifier} is outside the project`);
  return `/${url.slice(root.href.length)}`;
}

function rewrite(source) {
  return source.replace(
    /(\bfrom\s*|\bimport\s*\(?\s*)(["'])([\w@][^"'\s]*)\2/g,
    (_, keyword, quote, specifier) => `${keyword}${quote}${resolve(specifier)}${quote}`,
  );
}

/** Starts a server. `reports` receives (context, result) for each report of the page. */
export async function serve({ files, contexts, onReport }) {
  const generated = {
    '/plan.json': () => JSON.stringify({ files, contexts }),
    '/index.html': () =>
      `<!doctype html><title>tests</title><script type=module src=/test/harness/page.js></script>`,
    '/prepare.js': () => `import { prepare } from "/test/harness/collect.js"; prepare();`,
    // Static imports only: dynamic import() does not exist in worklets.
    '/static-entry.js': (query) =>
      [
        `import "/prepare.js";`,
        query === 'worklet'
          ? `import "/test/harness/processor.js";`
          : `import { collect } from "/test/harness/collect.js";`,
        ...files.map((file) => `import "/mark.js?${file}"; import "/test/${file}";`),
        query === 'worklet' ? '' : `collect().then((result) => postMessage(result));`,
      ].join('\n'),
    '/mark.js': (query) =>
      `import { mark } from "/test/harness/collect.js"; mark(${JSON.stringify(query)});`,
  };
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url, 'http://localhost');
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        response.end();
        onReport(pathname.split('/').pop(), JSON.parse(body));
      });
      return;
    }
    try {
      const type = types[extname(pathname)];
      let body =
        generated[pathname]?.(search.slice(1)) ?? readFileSync(new URL(`.${pathname}`, root));
      if (type === types['.js']) body = rewrite(body.toString());
      response.writeHead(200, {
        'content-type': type ?? 'application/octet-stream',
        'content-security-policy': csp,
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'cache-control': 'no-store',
      });
      response.end(body);
    } catch (error) {
      response.writeHead(404).end(String(error));
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}/index.html`,
    close: () => server.close(),
  };
}
