import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { messagePortSignalling, parseSignallingMessage } from 'sottovoce/call';
import { answerTerms, choose, chooseVersion, localProtocol, offerTerms } from 'sottovoce/internal';
import { prng } from '../support/prng.js';

const signalling = suite('call/signalling');
const random = prng(8);
/** @type {import('sottovoce/transport').RelayEndpoint} */
const relay = { kind: 'relay', host: '192.0.2.1', port: 599, peerTag: random.bytes(16) };
/** @type {import('sottovoce/transport').RelayEndpoint} */
const otherRelay = { ...relay, peerTag: random.bytes(16) };
/** @type {import('sottovoce/transport').DirectEndpoint} */
const direct = { kind: 'direct', host: '2001:db8::1', port: 4000 };
/** @type {import('sottovoce/transport').DirectEndpoint} */
const otherDirect = { kind: 'direct', host: '198.51.100.1', port: 4001 };
const protocol = localProtocol({ endpoints: [relay], p2p: true });
const common = { callId: 2n ** 64n - 1n, protocol, endpoints: [relay, direct] };
/** @type {import('sottovoce/call').SignallingMessage[]} */
const messages = [
  { type: 'request', gAHash: random.bytes(32), ...common },
  { type: 'ringing', callId: 0n },
  { type: 'accept', gB: random.bytes(256), ...common },
  { type: 'confirm', gA: random.bytes(256), keyFingerprint: -(2n ** 63n), ...common },
  { type: 'discard', callId: 1n, reason: 'busy', duration: 0 },
  { type: 'signaling-data', callId: 2n, data: random.bytes(21) },
];

signalling('what is sent is understood, as a copy', () => {
  for (const message of messages) {
    const parsed = parseSignallingMessage({ ...message, extra: 1 });
    assert.equal(parsed, message);
    assert.is.not(parsed, message);
  }
  const [request] = messages;
  const parsed = /** @type {any} */ (parseSignallingMessage(request));
  assert.is.not(parsed.gAHash, /** @type {any} */ (request).gAHash);
  assert.is.not(parsed.endpoints[0].peerTag, relay.peerTag);
});

signalling('every field is checked', () => {
  /** @type {[number, object][]} */
  const wrong = [
    [0, { type: 'update' }],
    [0, { callId: -1n }],
    [0, { callId: 2n ** 64n }],
    [0, { callId: 5 }],
    [0, { gAHash: random.bytes(31) }],
    [0, { gAHash: [...random.bytes(32)] }],
    [0, { protocol: null }],
    [0, { protocol: { ...protocol, libraryVersions: ['a', 1] } }],
    [0, { protocol: { ...protocol, libraryVersions: Array(33).fill('a') } }],
    [0, { protocol: { ...protocol, udpP2p: 1 } }],
    [0, { endpoints: {} }],
    [0, { endpoints: Array(17).fill(relay) }],
    [0, { endpoints: [{ ...relay, peerTag: random.bytes(15) }] }],
    [0, { endpoints: [{ ...direct, port: 0 }] }],
    [0, { endpoints: [{ ...direct, port: 65536 }] }],
    [0, { endpoints: [{ ...direct, host: 'x'.repeat(256) }] }],
    [0, { endpoints: [null] }],
    [2, { gB: new Uint8Array(0) }],
    [2, { gB: random.bytes(257) }],
    [3, { gA: null }],
    [3, { keyFingerprint: 2n ** 63n }],
    [3, { keyFingerprint: 1 }],
    [5, { data: random.bytes(20) }],
    [5, { data: random.bytes(16_385) }],
    [5, { data: 'sealed' }],
    [4, { reason: 'bored' }],
    [4, { duration: -1 }],
    [4, { duration: 1.5 }],
  ];
  for (const [index, change] of wrong) {
    assert.is(parseSignallingMessage({ ...messages[index], ...change }), null);
  }
  for (const value of [null, undefined, 1, 'request', [], {}]) {
    assert.is(parseSignallingMessage(value), null);
  }
});

signalling('endpoints of kinds to come are left out', () => {
  const endpoints = [{ kind: 'smoke', signals: '' }, relay];
  const parsed = /** @type {any} */ (parseSignallingMessage({ ...messages[0], endpoints }));
  assert.equal(parsed.endpoints, [relay]);
});

signalling('over a port', () => {
  /** @type {any[]} */
  const posted = [];
  const port = {
    /** @type {((event: { data: unknown }) => void) | null} */
    onmessage: null,
    closed: false,
    postMessage: (/** @type {unknown} */ message) => posted.push(message),
    close() {
      this.closed = true;
    },
  };
  const channel = messagePortSignalling(port);
  /** @type {any[]} */
  const got = [];
  channel.onMessage((message) => got.push(message));
  channel.send(messages[1]);
  assert.equal(posted, [messages[1]]);
  port.onmessage?.({ data: messages[4] });
  port.onmessage?.({ data: { type: 'nonsense' } });
  assert.equal(got, [messages[4]]);
  channel.close();
  assert.ok(port.closed);
  assert.is(port.onmessage, null);
});

/** @param {() => unknown} act @param {string} code */
const fails = (act, code) =>
  assert.throws(act, (/** @type {any} */ error) => error.code === code, code);

signalling('a version that both know', () => {
  assert.is(chooseVersion(protocol, protocol), 'sottovoce-2');
  const versions = (/** @type {string[]} */ ...libraryVersions) => ({
    ...protocol,
    libraryVersions,
  });
  assert.is(chooseVersion(protocol, versions('13.0.0', 'sottovoce-2')), 'sottovoce-2');
  fails(() => chooseVersion(protocol, versions('13.0.0')), 'unsupported-protocol');
  fails(() => chooseVersion(versions('13.0.0'), versions('13.0.0')), 'unsupported-protocol');
  fails(() => chooseVersion(versions(), protocol), 'unsupported-protocol');
});

signalling('what both can use', () => {
  /** @type {import('sottovoce/transport').Endpoint} */
  const ice = { kind: 'ice' };
  const terms = (/** @type {any} */ endpoints, p2p = true) => offerTerms({ endpoints, p2p });
  const offered = [relay, otherRelay, ice];
  const answer = (/** @type {any} */ endpoints, p2p = true) =>
    answerTerms(offered, { endpoints, p2p }).endpoints;
  assert.equal(answer(undefined), [relay, otherRelay]);
  assert.equal(answer([relay, otherDirect]), [relay]);
  assert.equal(answer([{ kind: 'webrtc' }, ice]), [ice]);
  assert.equal(answer([ice, relay], false), [relay]);
  assert.equal(answer(undefined, false), [], 'the peer could name a machine of its own');
  assert.equal(answer([otherDirect]), []);

  assert.equal(terms([direct, relay]), {
    protocol: { ...protocol, udpP2p: true },
    endpoints: [relay],
  });
  assert.equal(terms([direct, relay, ice], false), { protocol, endpoints: [relay] });
  const both = choose(terms([direct, otherRelay, relay]), terms([relay, otherDirect]));
  assert.equal(both, { version: 'sottovoce-2', endpoints: [relay], direct: true });
  assert.is(choose(terms([direct]), terms([otherDirect])).direct, true);
  assert.is(choose(terms([direct, relay]), terms([relay])).direct, false);
  fails(() => choose(terms([relay]), terms([otherRelay])), 'no-common-endpoint');
  fails(() => choose(terms([direct], false), terms([direct])), 'no-common-endpoint');
});

signalling.run();
