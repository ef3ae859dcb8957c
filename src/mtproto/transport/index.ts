/**
 * How MTProto messages travel in a stream of bytes: envelopes, obfuscation, fake TLS. No sockets.
 * @module
 */
export { AbridgedEnvelope } from './abridged.ts';
export { Envelope, type EnvelopeOptions, type TransportRole } from './envelope.ts';
export type { StreamFailure, TransportEvent } from './events.ts';
export { FakeTlsClient, type FakeTlsClientOptions } from './fake-tls.ts';
export { FakeTlsServer, type FakeTlsServerOptions } from './fake-tls-server.ts';
export { FullEnvelope } from './full.ts';
export { IntermediateEnvelope } from './intermediate.ts';
export {
  ObfuscatedClient,
  type ObfuscatedClientOptions,
  type ObfuscatedEnvelope,
  ObfuscatedServer,
  type ObfuscatedServerOptions,
} from './obfuscated2.ts';
export { PaddedIntermediateEnvelope } from './padded-intermediate.ts';
export { parseProxySecret, type ProxySecret } from './proxy-secret.ts';
