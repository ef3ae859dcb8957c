/// <reference types="node" />
import { createServer } from 'node:http';
import type { Address } from './address.ts';
import { type Metric, metricsText } from './metrics.ts';
import { listening, type StreamListener } from './tcp-listener.ts';

/**
 * Serves `/metrics` for Prometheus and `/health`: 200 while new calls are taken, 503 while draining.
 * @throws {RelayError} `bind-failed`
 */
export async function listenStatus(
  at: Address,
  status: { metrics(): readonly Metric[]; healthy(): boolean },
): Promise<StreamListener> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    let code = 404;
    let text = 'not found\n';
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      code = 405;
      text = 'GET only\n';
    } else if (path === '/metrics') {
      code = 200;
      text = metricsText(status.metrics());
    } else if (path === '/health') {
      code = status.healthy() ? 200 : 503;
      text = code === 200 ? 'ok\n' : 'draining\n';
    }
    const type = path === '/metrics' ? 'text/plain; version=0.0.4' : 'text/plain';
    response.writeHead(code, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(text);
  });
  server.maxConnections = 64;
  server.headersTimeout = 5000;
  const address = await listening(server, at);
  return {
    address,
    close() {
      server.closeAllConnections?.();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
