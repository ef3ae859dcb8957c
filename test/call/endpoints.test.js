import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MAX_ENDPOINTS, parseEndpoint, parseSignallingMessage } from 'sottovoce/call';
import { isDirect, localProtocol, sameEndpoint } from 'sottovoce/internal';
import { prng } from '../support/prng.js';

const endpoints = suite('call/endpoints');
const peerTag = prng(31).bytes(16);
/** @type {import('sottovoce/transport').RelayEndpoint} */
const relay = { kind: 'relay', host: '192.0.2.1', port: 599, peerTag };
/** @type {import('sottovoce/transport').WebSocketRelayEndpoint} */
const webSocket = { kind: 'relay', protocol: 'websocket', url: 'wss://relay.example/', peerTag };
/** @type {import('sottovoce/transport').Endpoint[]} */
const all = [
  relay,
  { ...relay, protocol: 'udp' },
  { ...relay, protocol: 'tcp', ticket: prng(32).bytes(256) },
  webSocket,
  { ...webSocket, ticket: prng(33).bytes(1) },
  { kind: 'direct', host: '2001:db8::1', port: 65_535 },
  { kind: 'webrtc' },
  { kind: 'ice' },
  { kind: 'ice', relayOnly: true },
];

endpoints('every kind is understood, as a copy, without what nobody knows', () => {
  for (const endpoint of all) {
    const parsed = parseEndpoint({ ...endpoint, extra: 1 });
    assert.equal(parsed, endpoint);
    if (parsed?.kind === 'relay') assert.is.not(parsed.peerTag, peerTag);
  }
});

endpoints('every field is checked', () => {
  for (const wrong of [
    { ...relay, peerTag: peerTag.subarray(1) },
    { ...relay, peerTag: [...peerTag] },
    { ...relay, protocol: 'smoke' },
    { ...relay, protocol: 'websocket' },
    { ...relay, ticket: new Uint8Array(0) },
    { ...relay, ticket: new Uint8Array(257) },
    { ...relay, ticket: null },
    { ...relay, host: '' },
    { ...relay, port: 0 },
    { ...webSocket, url: 'https://relay.example/' },
    { ...webSocket, url: 'wss://' },
    { ...webSocket, url: 'wss://relay.example/\r\nHost: other' },
    { ...webSocket, url: `wss://${'x'.repeat(255)}` },
    { kind: 'direct', host: '192.0.2.1', port: 65_536 },
    { kind: 'webrtc', relayOnly: false },
    { kind: 'smoke' },
  ]) {
    assert.is(parseEndpoint(wrong), null, JSON.stringify(wrong));
  }
});

endpoints('which is which', () => {
  for (const [i, a] of all.entries()) {
    for (const [j, b] of all.entries()) {
      const pairs = ['0 1', '3 4', '7 8']; // a default that is spelled out, tickets, relayOnly
      const same = i === j || pairs.includes(`${Math.min(i, j)} ${Math.max(i, j)}`);
      assert.is(sameEndpoint(a, b), same, `${i} ${j}`);
    }
  }
  assert.equal(all.map(isDirect), [...Array(5).fill(false), true, true, true, false]);
});

endpoints('hostile values: nothing throws, nothing else gets in', () => {
  const field = fc.oneof(
    fc.anything({ withTypedArray: true, withBigInt: true }),
    fc.constantFrom('relay', 'direct', 'webrtc', 'ice', 'udp', 'tcp', 'websocket', 'ws://x', 1),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  const names = ['kind', 'protocol', 'host', 'port', 'url', 'peerTag', 'ticket', 'relayOnly'];
  const like = fc.record(Object.fromEntries(names.map((name) => [name, field])), {
    requiredKeys: [],
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(like, fc.anything()), { maxLength: 20 }), (values) => {
      for (const value of values) {
        const parsed = parseEndpoint(value);
        if (parsed) assert.equal(parseEndpoint(parsed), parsed);
      }
      const message = parseSignallingMessage({
        type: 'request',
        callId: 1n,
        gAHash: new Uint8Array(32),
        protocol: localProtocol({ endpoints: [], p2p: true }),
        endpoints: values,
      });
      assert.ok(message === null || values.length <= MAX_ENDPOINTS);
    }),
    { seed: 7, numRuns: 100 },
  );
});

endpoints.run();
