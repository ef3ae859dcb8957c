// Sections about transports.
import {
  AbridgedEnvelope,
  FakeTlsServer,
  FullEnvelope,
  IntermediateEnvelope,
  ObfuscatedClient,
  ObfuscatedServer,
  PaddedIntermediateEnvelope,
  parseProxySecret,
} from 'sottovoce/mtproto/transport';
import {
  helloDigest,
  insecureRandomForTests,
  isGenuine,
  mayStart,
  obfuscationKeys,
} from 'sottovoce/internal';
import { boolean, bytes, concat, hex, integer, list, oneOf, same } from './compare.js';

const section = (check) => ({ cases: (group) => list(group?.cases, 'cases'), check });

/** @typedef {() => import('sottovoce/crypto').CryptoCore} Crypto */

const ENVELOPES = /** @type {const} */ ({
  efefefef: 'abridged',
  eeeeeeee: 'intermediate',
  dddddddd: 'padded-intermediate',
});

/** Cuts data into pieces of 1, 2, 3 ... bytes. @param {Uint8Array} data */
function pieces(data) {
  const parts = [];
  for (let at = 0, size = 1; at < data.length; at += size++) {
    parts.push(data.subarray(at, at + size));
  }
  return parts;
}

/** @param {Crypto} crypto */
export const obfuscated2 = (crypto) =>
  section((entry) => {
    const init = bytes(entry.init, 'init');
    const envelope = ENVELOPES[oneOf(entry.tag, 'tag', Object.keys(ENVELOPES))];
    for (const name of ['secret', 'dc']) {
      if (entry[name] === undefined) throw new Error(`${name}: the case has no such field`);
    }
    const secret =
      entry.secret === null ? undefined : parseProxySecret(bytes(entry.secret, 'secret')).secret;
    const keys = obfuscationKeys(crypto(), init, secret);
    for (const [name, value] of Object.entries(keys)) same(name, value, entry[name]);
    const client = new ObfuscatedClient(crypto(), {
      envelope,
      ...(secret && { secret }),
      ...(entry.dc !== null && { dc: integer(entry.dc, 'dc') }),
      random: insecureRandomForTests((target) => target.set(init)),
    });
    same('header', client.header, entry.header);
    const outs = list(entry.out, 'out').map((part) => bytes(part, 'out'));
    const wires = outs.map((part) => client.encrypt(part));
    same('outWire', wires.map(hex), entry.outWire);
    const inWire = bytes(entry.inWire, 'inWire');
    const inPlain = concat(...pieces(inWire).map((part) => client.decrypt(part)));
    same('inPlain', inPlain, entry.inPlain);
    const server = new ObfuscatedServer(crypto(), secret && { secret });
    const received = concat(client.header, ...wires);
    same(
      'received',
      concat(...pieces(received).map((p) => server.decrypt(p))),
      hex(concat(...outs)),
    );
    same('envelope', server.envelope, envelope);
    if (entry.dc !== null) same('dc', server.dc, entry.dc);
    same('inWire of the server', server.encrypt(inPlain), entry.inWire);
    client.close();
    server.close();
  });

export const obfuscated2Forbidden = section(({ init, ok }) => {
  const data = bytes(init, 'init');
  if (data.length !== 64) throw new Error('init: expected 64 bytes');
  same('ok', mayStart(data), boolean(ok, 'ok'));
});

/** @param {Crypto} crypto */
export const fakeTls = (crypto) =>
  section((entry) => {
    const secret = bytes(entry.secret, 'secret');
    const hello = bytes(entry.clientHelloZeroed, 'clientHelloZeroed');
    const unixTime = integer(entry.unixTime, 'unixTime');
    const digest = helloDigest(crypto(), secret, hello, unixTime);
    same('clientDigest', digest, entry.clientDigest);
    const answer = bytes(entry.serverHello, 'serverHello');
    const genuine = isGenuine(crypto(), secret, digest, answer);
    same('serverOk', genuine, boolean(entry.serverOk, 'serverOk'));
    const server = new FakeTlsServer(crypto(), {
      secret,
      now: () => unixTime,
      maxSkew: 0,
      random: insecureRandomForTests((target) => target.fill(9)),
    });
    hello.set(digest, 11);
    for (const part of pieces(hello)) server.decode(part);
    same('hello accepted', server.open, true);
    const own = server.takeAnswer();
    same('own answer', own !== null && isGenuine(crypto(), secret, digest, own), true);
    server.close();
  });

function decodeBoth(make, wire) {
  const whole = make().decode(wire);
  const codec = make();
  same(
    'in pieces',
    pieces(wire).flatMap((part) => codec.decode(part)),
    whole,
  );
  return whole;
}

/** @param {Crypto} crypto */
export const framing = (crypto) =>
  section((entry) => {
    const payload = bytes(entry.payload, 'payload');
    const padding = bytes(entry.padding, 'padding');
    const seqno = integer(entry.seqno, 'seqno');
    let drawn = 0;
    const random = insecureRandomForTests((target) => {
      if (drawn++ === 0) target[0] = padding.length;
      else target.set(padding);
    });
    const makers = {
      abridged: (role) => new AbridgedEnvelope({ role }),
      intermediate: (role) => new IntermediateEnvelope({ role }),
      paddedIntermediate: (role) => new PaddedIntermediateEnvelope({ role, random: random }),
      full: (role) => new FullEnvelope(crypto(), { role }).resume(seqno),
    };
    for (const [name, make] of Object.entries(makers)) {
      const content = name === 'paddedIntermediate' ? concat(payload, padding) : payload;
      const field = `${name}QuickAck`;
      for (const quickAck of name === 'full' ? [false] : [false, true]) {
        if (name === 'paddedIntermediate' && quickAck && entry[field] === undefined) continue;
        drawn = 0;
        const expected = entry[quickAck ? field : name];
        same(quickAck ? field : name, make('client').encode(payload, { quickAck }), expected);
        const events = decodeBoth(() => make('server'), bytes(expected));
        same(`${name} decoded`, events, [{ type: 'packet', payload: content, quickAck }]);
      }
    }
  });
