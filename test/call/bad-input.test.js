import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Call,
  CalleeExchange,
  CallerExchange,
  createCallCore,
  emojiFingerprint,
  messagePortSignalling,
  PacketConnection,
  parseRtp,
  parseSignallingMessage,
  PlayoutBuffer,
  writeRtpHeader,
} from 'sottovoce/call';
import { createCrypto } from 'sottovoce/crypto';
import { codecModel, makeCalls } from '../support/calls.js';
import { survives, survivesLater } from '../support/odd-values.js';
import { virtualClock } from '../support/virtual-clock.js';

const bad = suite('call: bad input');
const crypto = createCrypto();
const key = crypto.createSharedKey(new Uint8Array(256).fill(3));

bad('exchanges', () => {
  for (const Exchange of [CallerExchange, CalleeExchange]) {
    survives('crypto', (value) => new Exchange(value));
    survives('options', (value) => new Exchange(crypto, value));
    for (const name of ['prime', 'g']) {
      survives(name, (value) => new Exchange(crypto, { [name]: value }));
    }
  }
  assert.throws(() => new CallerExchange(crypto, { random: /** @type {any} */ (null) }), /random/);
  survives('requested', (value) => new CalleeExchange(crypto).requested(value));
  survives('emojis', (value) => emojiFingerprint(value));
  survives('core', (value) => createCallCore(value));
});

bad('a packet connection', () => {
  /** @type {import('sottovoce/call').PacketConnectionOptions} */
  const options = {
    key,
    role: 'caller',
    channel: 'transport',
    mode: 'typed',
    clock: virtualClock(),
    onPacket() {},
    onMessage() {},
  };
  survives('crypto', (value) => new PacketConnection(value, options));
  survives('options', (value) => new PacketConnection(crypto, value));
  for (const name of ['role', 'channel', 'mode', 'clock', 'onPacket', 'onMessage', 'key']) {
    survives(name, (value) => {
      const connection = new PacketConnection(crypto, { ...options, [name]: value });
      try {
        if (name === 'key') connection.send({ type: 'requestVideo' });
      } finally {
        connection.close();
      }
    });
  }
  const connection = new PacketConnection(crypto, options);
  survives('message', (value) => connection.send(value));
  survives('type', (value) => connection.send({ type: value }));
  survives('data', (value) => connection.send({ type: 'audioData', data: value }));
  survives('write', (value) => connection.sendAudio(value));
  survives('written', (value) => connection.sendAudio(() => value));
  survives('packet', (value) => connection.receive(value));
  survives('cause', (value) => connection.service(value));
  connection.send({ type: 'requestVideo' }); // it still works
  connection.close();
});

bad('playout, RTP and signalling', () => {
  survives('options', (value) => new PlayoutBuffer(value));
  const playout = new PlayoutBuffer({ frame: 960 });
  const right = {
    timestamp: 0,
    duration: 960,
    payload: new Uint8Array(3),
    arrival: 0,
    sequence: 0,
  };
  survives('packet', (value) => playout.push(value));
  for (const name of Object.keys(right)) {
    survives(name, (value) => playout.push({ ...right, [name]: value }));
  }
  survives('now', (value) => playout.pull(value));
  survives('ahead', (value) => playout.pull(0, value));
  survives('packet', (value) => parseRtp(value));
  survives('target', (value) => writeRtpHeader(value, 1, 1, 1, true));
  for (const i of [0, 1, 2]) {
    survives('field', (value) => {
      const fields = /** @type {[number, number, number]} */ ([1, 1, 1]);
      fields[i] = value;
      writeRtpHeader(new Uint8Array(12), ...fields, true);
    });
  }
  survives('message', (value) => parseSignallingMessage(value));
  survives('port', (value) => messagePortSignalling(value));
});

bad('a call', async () => {
  const options = {
    signalling: { send() {}, onMessage() {}, close() {} },
    connect() {
      throw new Error('never');
    },
    endpoints: [{ kind: 'direct', host: '192.0.2.1', port: 9 }],
    clock: virtualClock(),
    codec: codecModel,
  };
  const open = async (/** @type {any} */ value) => (await Call.outgoing(value)).close();
  await survivesLater('options', open);
  const names = [
    'encoder',
    'playoutDelayMs',
    'sampleRate',
    'channels',
    'dh',
    'timeouts',
    'wasm',
    'p2p',
  ];
  for (const name of [...names, ...Object.keys(options), 'random']) {
    if (name === 'codec') continue; // undefined would load the codec
    await survivesLater(name, (value) => open({ ...options, [name]: value }));
  }
  await survivesLater('codec', (value) => open({ ...options, codec: value ?? null }));
  await survivesLater('endpoint', (value) => open({ ...options, endpoints: [value] }));
  const hidden = /** @type {any} */ ({ ...options, p2p: false });
  for (const endpoints of [undefined, [], hidden.endpoints]) {
    for (const make of [Call.outgoing, Call.incoming]) {
      const error = await make({ ...hidden, endpoints }).catch((reason) => reason);
      assert.is(error.code, 'bad-argument', 'nothing that may be used');
    }
  }
  for (const name of ['ring', 'unknown']) {
    await survivesLater(name, (value) => open({ ...options, timeouts: { [name]: value } }));
  }

  const { caller, callee, signalled } = await makeCalls();
  survives('event', (value) => caller.on(value, () => {}));
  survives('handler', (value) => caller.on('state', value));
  survives('dst', (value) => caller.read(value));
  survives('muted', (value) => caller.mute(value));
  survives('packet', (value) => caller.openRecorded(value, 'caller'));
  caller.start(); // every handler that was taken can be called
  survives('reason', (value) => caller.hangUp(value));
  const reasons = signalled.map((message) => message.type === 'discard' && message.reason);
  assert.equal(reasons.slice(1), ['missed'], 'a reason that nobody knows is not sent');
  caller.close();
  callee.close();
});

bad.run();
