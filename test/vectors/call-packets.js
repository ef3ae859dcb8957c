// Sections of files with `format: "call-packets/1"`: the packet layer of calls, and relay frames.
import { createCrypto } from 'sottovoce/crypto';
import { PacketConnection } from 'sottovoce/call';
import {
  canonicalJson,
  counterOf,
  encodeEntry,
  isSingle,
  makeWord,
  needsAck,
  packetOffset,
  parseBody,
  ReplayWindow,
} from 'sottovoce/internal';
import { boolean, bytes, concat, hex, integer, list, oneOf, same } from './compare.js';
import { countCases } from './count.js';
import { REFLECTOR } from './reflector.js';
import { checkSession } from './sessions.js';

/** @param {any} file */
export const recognises = (file) => file?.format === 'call-packets/1';

/** Other texts at the top explain, or are the key; every list and object is a section. */
export function sectionsOf(file) {
  const known = (name) => Object.hasOwn(SECTIONS, name) || LATER.includes(name);
  return Object.entries(file).filter(
    ([name, content]) => known(name) || (typeof content === 'object' && content !== null),
  );
}

/** Subjects that are not built yet. */
export const LATER = ['libtgvoip', 'group'];

export { countCases };

/** @type {import('sottovoce/crypto').CryptoCore | undefined} */
let core;
const crypto = () => (core ??= createCrypto());

const role = (value, name = 'sender') => oneOf(value, name, ['caller', 'callee']);
const channelOf = (value) => oneOf(value, 'channel', ['transport', 'signaling']);
const modeOf = (value) => oneOf(value, 'mode', ['typed', 'raw']);
const peerOf = (side) => (role(side) === 'caller' ? 'callee' : 'caller');

/** Runs `use` with the file's key and a packet buffer. */
function sealing(file, use) {
  const key = crypto().createSharedKey(bytes(file.key, 'key'));
  const buffer = crypto().createPacketBuffer(131_072);
  try {
    return use(key, buffer);
  } finally {
    buffer.close();
    key.close();
  }
}

/** Seals a body as `sender` on `channel`. */
function seal(file, sender, channel, body) {
  return sealing(file, (key, buffer) => {
    buffer.body.set(body);
    return buffer.sealCall(key, packetOffset(channel, sender), body.length).slice();
  });
}

/** The body of a packet, or null. */
function open(file, sender, channel, packet) {
  return sealing(file, (key, buffer) => {
    return buffer.openCall(key, packetOffset(channel, sender), packet)?.slice() ?? null;
  });
}

/** A connection without a network and without timers. */
function connect(file, options) {
  const packets = [];
  const messages = [];
  const key = crypto().createSharedKey(bytes(file.key, 'key'));
  const connection = new PacketConnection(crypto(), {
    key,
    clock: { now: () => 1000, setTimer: () => () => {} },
    onPacket: (packet) => packets.push(packet.slice()),
    onMessage: (message, counter) => messages.push({ ...plain(message), counter }),
    ...options,
  });
  const close = () => {
    connection.close();
    key.close();
  };
  return { connection, packets, messages, close };
}

/** A message as the files write it: `data` in hex. */
function plain(message) {
  return 'data' in message ? { ...message, data: hex(message.data) } : message;
}

/** A message of the files as the package takes it. */
export function messageOf(written) {
  return 'data' in written ? { ...written, data: bytes(written.data, 'data') } : written;
}

/** What parsing has to give for an entry of `messages`. */
function describeEntry({ word, message }) {
  const counter = counterOf(word);
  const flags = { single: isSingle(word), needAck: needsAck(word) };
  return { seq: word, counter, ...flags, ...plain(message) };
}

function encodeEntries(messages) {
  return concat(
    ...messages.map(({ seq, counter: _, single: __, needAck: ___, ...message }) =>
      encodeEntry(integer(seq, 'seq'), messageOf(message)),
    ),
  );
}

const kdf = {
  cases: (content) => list(content, 'kdf'),
  check({ channel, sender, x, msgKey, aesKey, aesIvCtr, aesIvIge }, _, file) {
    const offset = packetOffset(channelOf(channel), role(sender));
    same('x', offset, x);
    sealing(file, (key) => {
      const call = crypto().callKdf(key, bytes(msgKey, 'msgKey'), offset);
      same('aesKey', call.aesKey, aesKey);
      same('aesIvCtr', call.aesIv, aesIvCtr);
      const message = crypto().messageKdf(key, bytes(msgKey, 'msgKey'), offset);
      same('aesKey of IGE', message.aesKey, aesKey);
      same('aesIvIge', message.aesIv, aesIvIge);
    });
  },
};

const typedMessages = {
  cases: (content) => list(content, 'typedMessages'),
  check({ message, body, bodySingle }) {
    for (const [single, expected] of [
      [false, body],
      [true, bodySingle],
    ]) {
      const name = single ? 'bodySingle' : 'body';
      const encoded = encodeEntry(makeWord(1, false, single), messageOf(message));
      same(name, encoded.subarray(4), expected);
      const parsed = parseBody(concat(encoded.subarray(0, 4), bytes(expected, name)), 'typed');
      same(`${name} parsed`, parsed?.map((entry) => plain(entry.message)) ?? null, [message]);
    }
  },
};

const seqWords = {
  cases: (content) => list(content, 'seqWords'),
  check({ seq, bytes: written, counter, single, needAck }) {
    same('seq', makeWord(integer(counter, 'counter'), needAck, single), seq);
    same('counter', counterOf(seq), counter);
    same('single', isSingle(seq), boolean(single, 'single'));
    same('needAck', needsAck(seq), boolean(needAck, 'needAck'));
    same('bytes', encodeEntry(seq, { type: 'empty' }).subarray(0, 4), written);
    const parsed = parseBody(concat(bytes(written, 'bytes'), Uint8Array.of(254)), 'typed');
    same('bytes parsed', parsed?.[0]?.word ?? null, seq);
  },
};

const sealed = {
  cases: (content) => list(content, 'sealed'),
  check({ channel, sender, mode, body, packet, messages }, _, file) {
    const plaintext = bytes(body, 'body');
    same('packet', seal(file, role(sender), channelOf(channel), plaintext), packet);
    same('opened', open(file, sender, channel, bytes(packet, 'packet')), body);
    const parsed = parseBody(plaintext, modeOf(mode));
    same('messages', parsed?.map(describeEntry) ?? null, messages);
    same('serialized', encodeEntries(list(messages, 'messages')), body);
    const { connection, packets, close } = connect(file, { role: peerOf(sender), channel, mode });
    same('received', connection.receive(bytes(packet)), true);
    same('answers', packets, []);
    close();
  },
};

/** gzip, where the runtime can undo it. */
async function inflate(data) {
  if (typeof DecompressionStream !== 'function') return null;
  const { writable, readable } = new DecompressionStream('gzip');
  const writer = writable.getWriter();
  const reader = readable.getReader();
  /** @type {Uint8Array[]} */
  const parts = [];
  const drain = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parts.push(value);
    }
  };
  await Promise.all([writer.write(data), writer.close(), drain()]);
  return concat(...parts);
}

const plainFramed = {
  cases: (content) => list(content, 'plainFramed'),
  async check({ sender, counter, payload, inflated, packet }, _, file) {
    const options = { channel: 'signaling', mode: 'plain' };
    const lastCounter = integer(counter, 'counter') - 1;
    const ours = connect(file, { ...options, role: role(sender), lastCounter });
    ours.connection.send({ type: 'raw', data: bytes(payload, 'payload') });
    ours.close();
    same('packet', ours.packets, [packet]);
    const theirs = connect(file, { ...options, role: peerOf(sender) });
    same('received', theirs.connection.receive(bytes(packet, 'packet')), true);
    same('received again', theirs.connection.receive(bytes(packet)), false);
    theirs.close();
    same('messages', theirs.messages, [{ type: 'raw', data: payload, counter }]);
    if (inflated === undefined) return;
    const text = bytes(inflated, 'inflated');
    same('inflated', (await inflate(bytes(theirs.messages[0].data))) ?? text, inflated);
  },
};

const json = {
  cases: (content) => Object.values(content),
  check(text) {
    if (typeof text !== 'string') throw new Error('expected a text');
    same('rebuilt', canonicalJson(JSON.parse(text)), text);
  },
};

const mustNotOpen = {
  cases: (content) => list(content, 'mustNotOpen'),
  check({ channel, sender, packet }, _, file) {
    const data = bytes(packet, 'packet');
    same('opened', open(file, role(sender), channelOf(channel), data), null);
    for (const mode of ['typed', 'raw']) {
      const victim = connect(file, { role: peerOf(sender), channel, mode });
      same('received', victim.connection.receive(data), false);
      same('dropped', victim.connection.stats.dropped, 1);
      same('what came of it', [victim.packets, victim.messages], [[], []]);
      victim.close();
    }
  },
};

const badBodies = {
  cases: (content) => list(content, 'badBodies'),
  check({ mode, body }, _, file) {
    const plaintext = bytes(body, 'body');
    same('parsed', parseBody(plaintext, modeOf(mode)), null);
    const packet = seal(file, 'caller', 'transport', plaintext);
    const victim = connect(file, { role: 'callee', channel: 'transport', mode });
    same('received', victim.connection.receive(packet), false);
    same('what came of it', [victim.packets, victim.messages], [[], []]);
    victim.close();
  },
};

const replay = {
  cases: (content) => list(content, 'replay'),
  check({ counters, accept }) {
    const window = new ReplayWindow();
    const verdicts = list(counters, 'counters').map((counter) =>
      window.accept(integer(counter, 'counter')),
    );
    same('accept', verdicts, list(accept, 'accept'));
  },
};

const sessions = {
  cases: (content) => list(content, 'sessions'),
  check: (session, _, file) =>
    checkSession(session, {
      connect: (options) => connect(file, options),
      open: (sender, packet) => open(file, sender, channelOf(session.channel), packet),
      messageOf,
      modeOf,
    }),
};

/** Everything that is checked, by name. */
export const SECTIONS = {
  kdf,
  typedMessages,
  seqWords,
  sealed,
  json,
  plainFramed,
  mustNotOpen,
  badBodies,
  replay,
  sessions,
  reflector: REFLECTOR,
};
