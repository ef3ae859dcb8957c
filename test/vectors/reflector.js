// The section of relay frames: an object with several kinds of frames, and streams over TCP.
import {
  encodeDataFrame,
  encodeHello,
  encodePeerInfo,
  encodePeerInfoRequest,
  encodePing,
  encodeSelfInfo,
  encodeStreamHello,
  makeTag,
  parseDataFrame,
  parsePeerInfo,
  parsePeerInfoRequest,
  parsePing,
  parseSelfInfo,
} from 'sottovoce/relay';
import {
  AbridgedEnvelope,
  IntermediateEnvelope,
  ObfuscatedClient,
  ObfuscatedServer,
} from 'sottovoce/mtproto/transport';
import { createCrypto } from 'sottovoce/crypto';
import { insecureRandomForTests, obfuscationKeys } from 'sottovoce/internal';
import { bytes, concat, list, same } from './compare.js';

/** @type {import('sottovoce/crypto').CryptoCore | undefined} */
let core;
const crypto = () => (core ??= createCrypto());

const packet = (payload) => ({ type: 'packet', payload, quickAck: false });

function bigint(value, name) {
  if (typeof value !== 'string' || !/^\d+$/.test(value))
    throw new Error(`${name}: expected digits`);
  return BigInt(value);
}

const frames = {
  ping({ queryId, frame }, tag) {
    const id = bigint(queryId, 'queryId');
    same('ping', encodePing(tag, id), frame);
    same('ping parsed', parsePing(bytes(frame)), { tag, queryId: id });
  },
  peerInfoRequest(frame, tag) {
    same('peerInfoRequest', encodePeerInfoRequest(tag), frame);
    same('peerInfoRequest parsed', parsePeerInfoRequest(bytes(frame)), { tag });
  },
  selfInfo({ date, queryId, ip, port, frame }, tag) {
    const info = { tag, date, queryId: bigint(queryId, 'queryId'), host: ip, port };
    same('selfInfo', encodeSelfInfo(info), frame);
    same('selfInfo parsed', parseSelfInfo(bytes(frame)), info);
  },
  peerInfo({ myIp, myPort, peerIp, peerPort, frame }, tag) {
    const info = { tag, myHost: myIp, myPort, peerHost: peerIp, peerPort };
    same('peerInfo', encodePeerInfo(info), frame);
    same('peerInfo parsed', parsePeerInfo(bytes(frame)), info);
  },
  suffixTags({ base, mine, peer, hello, helloTcp, payload, frame }) {
    const shared = bytes(base, 'base');
    const tag = makeTag(shared, mine);
    same('hello', encodeHello(tag), hello);
    same('helloTcp', encodeStreamHello(tag), helloTcp);
    same('frame', encodeDataFrame(shared, peer, mine, bytes(payload, 'payload')), frame);
    const parsed = parseDataFrame(bytes(frame));
    same('frame parsed', parsed, { base: shared, to: peer, from: mine, payload: bytes(payload) });
  },
  tcpObfuscated({ nonce, sendKey, sendIv, recvKey, recvIv, head, packets, stream, fromServer }) {
    const init = bytes(nonce, 'nonce');
    const payloads = list(packets, 'packets').map((payload) => bytes(payload, 'packet'));
    const random = insecureRandomForTests((target) => target.set(init));
    const client = new ObfuscatedClient(crypto(), { envelope: 'abridged', random });
    same('head', client.header, head);
    const tagged = init.slice().fill(0xef, 56, 60);
    same('keys', Object.values(obfuscationKeys(crypto(), tagged, undefined)), [
      bytes(sendKey, 'sendKey'),
      bytes(sendIv, 'sendIv'),
      bytes(recvKey, 'recvKey'),
      bytes(recvIv, 'recvIv'),
    ]);
    const [ours, theirs] = [new AbridgedEnvelope(), new AbridgedEnvelope({ role: 'server' })];
    const sent = payloads.map((payload) => client.encrypt(ours.encode(payload)));
    same(
      'stream',
      sent,
      list(stream, 'stream').map((part) => bytes(part, 'stream')),
    );
    const server = new ObfuscatedServer(crypto());
    const received = server.decrypt(concat(client.header, ...sent));
    same('received', theirs.decode(received), payloads.map(packet));
    const answer = server.encrypt(theirs.encode(payloads[0]));
    same('fromServer', answer, fromServer);
    same('answer received', ours.decode(client.decrypt(answer)), [packet(payloads[0])]);
    client.close();
    server.close();
  },
  tcpIntermediate({ packets, stream }) {
    const payloads = list(packets, 'packets').map((payload) => bytes(payload, 'packet'));
    const [ours, theirs] = [
      new IntermediateEnvelope(),
      new IntermediateEnvelope({ role: 'server' }),
    ];
    const sent = concat(ours.tag, ...payloads.map((payload) => ours.encode(payload)));
    same('stream', sent, stream);
    same('received', theirs.decode(sent.subarray(ours.tag.length)), payloads.map(packet));
  },
};

/** Frames that name no peer tag. */
const TAGLESS = ['suffixTags', 'tcpObfuscated', 'tcpIntermediate'];

/** Texts explain or are inputs, but for the one frame that has no other fields. */
const isCase = (content) => (name) =>
  name === 'peerInfoRequest' || (typeof content[name] === 'object' && content[name] !== null);

export const REFLECTOR = {
  cases: (content) => Object.keys(content).filter(isCase(content)),
  check(name, content) {
    if (!Object.hasOwn(frames, name)) throw new Error(`nobody knows the frame ${name}`);
    const tag = TAGLESS.includes(name) ? undefined : bytes(content.peerTag, 'peerTag');
    frames[name](content[name], tag);
  },
};
