// The section of relay frames: an object with several kinds of frames. Streams over TCP come later.
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
import { bytes, same } from './compare.js';

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
};

/** Kinds of frames that are not built yet. */
export const STREAMS = ['tcpObfuscated', 'tcpIntermediate'];

/** Texts explain or are inputs, but for the one frame that has no other fields. */
const isCase = (content) => (name) =>
  name === 'peerInfoRequest' || (typeof content[name] === 'object' && content[name] !== null);

export const REFLECTOR = {
  cases: (content) => Object.keys(content).filter(isCase(content)),
  check(name, content) {
    if (!Object.hasOwn(frames, name)) throw new Error(`nobody knows the frame ${name}`);
    const tag = name === 'suffixTags' ? undefined : bytes(content.peerTag, 'peerTag');
    frames[name](content[name], tag);
  },
};
