import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectBy, loopbackPair } from 'sottovoce/transport';

const connectors = suite('transport/connect by');
const peerTag = new Uint8Array(16);
const address = { host: '192.0.2.1', port: 1 };
/** @type {[string, import('sottovoce/transport').Endpoint][]} */
const endpoints = [
  ['udp', { kind: 'relay', ...address, peerTag }],
  ['udp', { kind: 'relay', protocol: 'udp', ...address, peerTag }],
  ['tcp', { kind: 'relay', protocol: 'tcp', ...address, peerTag }],
  ['websocket', { kind: 'relay', protocol: 'websocket', url: 'wss://relay.example', peerTag }],
  ['direct', { kind: 'direct', ...address }],
  ['webrtc', { kind: 'webrtc' }],
  ['ice', { kind: 'ice', relayOnly: true }],
];
const context = { channel: { send() {}, onMessage() {} }, p2p: true };

connectors('each endpoint goes where it belongs, with all that a call gives', () => {
  /** @type {any[]} */
  const calls = [];
  const names = [...new Set(endpoints.map(([name]) => name))];
  const [transport] = loopbackPair();
  const connect = connectBy(
    Object.fromEntries(
      names.map((name) => [
        name,
        (...given) => {
          calls.push([name, ...given]);
          return transport;
        },
      ]),
    ),
  );
  for (const [name, endpoint] of endpoints) {
    assert.is(connect(endpoint, 'callee', context), transport);
    assert.equal(calls.at(-1), [name, endpoint, 'callee', context]);
  }
});

connectors('an endpoint that nothing was given for is refused', () => {
  const connect = connectBy({ tcp: () => loopbackPair()[0] });
  for (const [name, endpoint] of endpoints) {
    if (name === 'tcp') continue;
    assert.throws(
      () => connect(endpoint, 'caller', context),
      (/** @type {any} */ error) => error.code === 'bad-argument',
    );
  }
});

connectors.run();
