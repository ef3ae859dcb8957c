// A small MTProto server on loopback: any transport, keys, encrypted pings. For tests with real clients.
import { createServer } from 'node:net';
import { gunzipSync, inflateSync } from 'node:zlib';
import { createPublicKey } from 'node:crypto';
import {
  AuthKeyServer,
  decodeUnencrypted,
  encodeUnencrypted,
  MessageCipher,
  MessageIds,
  MessageWindow,
  openBindTempAuthKey,
  rsaPrivateKey,
} from 'sottovoce/mtproto';
import {
  AbridgedEnvelope,
  FakeTlsServer,
  FullEnvelope,
  IntermediateEnvelope,
  ObfuscatedServer,
  PaddedIntermediateEnvelope,
} from 'sottovoce/mtproto/transport';
import { TlReader, TlWriter } from 'sottovoce/internal';
import vectors from '../fixtures/vectors/mtproto.json' with { type: 'json' };
import { fromHex, toHex } from './bytes.js';

const { n, e, d } = /** @type {any} */ (vectors.groups.rsa_pad);
const base64url = (hex) => Buffer.from(hex, 'hex').toString('base64url');

/** The public key of the server as text (PKCS #1). */
export const serverKeyPem = createPublicKey({
  key: { kty: 'RSA', n: base64url(n), e: base64url(e) },
  format: 'jwk',
}).export({ type: 'pkcs1', format: 'pem' });

/** Modulus in hex, and exponent. */
export const serverKeyNumbers = { n, e: Number.parseInt(e, 16) };

const ENVELOPES = {
  abridged: () => new AbridgedEnvelope({ role: 'server' }),
  intermediate: () => new IntermediateEnvelope({ role: 'server' }),
  'padded-intermediate': () => new PaddedIntermediateEnvelope({ role: 'server' }),
  full: (crypto) => new FullEnvelope(crypto, { role: 'server' }),
};

const now = () => Date.now() / 1000;

/** Constructors that the server knows. */
const ID = {
  container: 0x73f1f8dc,
  acks: 0x62d6b459,
  ping: 0x7abe77ec,
  pingDelayDisconnect: 0xf3427b8c,
  pong: 0x347773c5,
  badServerSalt: 0xedab447b,
  getFutureSalts: 0xb921bd04,
  futureSalts: 0xae500895,
  rpcResult: 0xf35c6d01,
  rpcError: 0x2144ca19,
  bindTempAuthKey: 0xcdd42a05,
  boolTrue: 0x997275b5,
  getNearestDc: 0x1fb33026,
  nearestDc: 0x8e1a1775,
  gzipPacked: 0x3072cfa1,
};

/** One connection. What goes wrong is noted in `log.errors`, and ends it. */
class Session {
  constructor(crypto, socket, options, log) {
    this.crypto = crypto;
    this.socket = socket;
    this.options = options;
    this.log = log;
    this.ids = new MessageIds(now);
    this.window = new MessageWindow({ now });
    /** @type {any} */
    this.exchange = undefined;
    /** @type {any} */
    this.envelope = undefined;
    this.sequence = 0;
    /** @type {any} */
    this.sessionId = null;
    /** @type {any} */
    this.cipher = undefined;
    this.tls =
      options.secret &&
      options.fakeTls &&
      new FakeTlsServer(crypto, { secret: options.secret, now });
    this.hidden =
      options.obfuscated &&
      new ObfuscatedServer(crypto, options.secret && { secret: options.secret });
    this.envelope = options.obfuscated ? undefined : ENVELOPES[options.envelope](crypto);
    this.tagBytes = this.envelope?.tag.length ?? 0;
  }

  receive(chunk) {
    let data = chunk;
    if (this.tls) {
      data = this.tls.decode(data);
      if (this.tls.failure) throw new Error(`fake TLS: ${this.tls.failure}`);
      const answer = this.tls.takeAnswer();
      if (answer) this.socket.write(answer);
    }
    if (this.hidden) {
      data = this.hidden.decrypt(data);
      if (this.hidden.failed) throw new Error('no obfuscated connection');
      if (this.hidden.envelope === null) return;
      this.envelope ??= ENVELOPES[this.hidden.envelope](this.crypto);
      this.log.envelopes.add(this.hidden.envelope);
    } else if (this.tagBytes > 0) {
      const skipped = Math.min(this.tagBytes, data.length);
      data = data.subarray(skipped);
      this.tagBytes -= skipped;
    }
    for (const event of this.envelope.decode(data)) {
      if (event.type !== 'packet') throw new Error(`envelope: ${JSON.stringify(event)}`);
      this.log.packets++;
      this.handle(event.payload);
    }
  }

  send(packet) {
    let data = this.envelope.encode(packet);
    if (this.hidden) data = this.hidden.encrypt(data);
    if (this.tls) data = this.tls.encode(data);
    this.socket.write(data);
  }

  handle(packet) {
    const plain = decodeUnencrypted(packet);
    if (plain !== null) {
      this.exchange ??= new AuthKeyServer(this.crypto, {
        keys: [this.options.key],
        now,
        ...(this.options.judge && { judge: this.options.judge }),
      });
      const { send, result } = this.exchange.receive(plain.body);
      if (this.exchange.ended) this.exchange = undefined;
      if (result) {
        this.log.keys.push({ dc: result.dc, expiresIn: result.expiresIn });
        this.options.keys.set(toHex(result.authKey.fingerprint), result);
      }
      this.send(encodeUnencrypted(this.ids.next('answer'), send));
      return;
    }
    const id = toHex(packet.subarray(0, 8));
    const held = this.options.keys.get(id);
    if (held === undefined) throw new Error('nobody has this key');
    this.held = held;
    if (this.cipherOf !== id) {
      this.cipherOf = id;
      this.sessionId = null;
      this.cipher = new MessageCipher(this.crypto, held.authKey, { role: 'server' });
    }
    const message = this.cipher.open(packet, { sessionId: this.sessionId });
    if (message === null) throw new Error('a message does not open');
    const age = this.window.accept(message.msgId);
    if (age !== 'new') throw new Error(`a message is ${age}`);
    this.sessionId ??= message.sessionId;
    this.salt = held.serverSalt;
    if (toHex(message.salt) !== toHex(held.serverSalt)) {
      this.log.badSalts++;
      const refusal = new TlWriter().uint32(ID.badServerSalt).uint64(message.msgId);
      this.answer(refusal.uint32(message.seqNo).int32(48).raw(held.serverSalt).take());
      return;
    }
    this.log.encrypted++;
    this.dispatch(message.msgId, message.body.slice());
  }

  dispatch(msgId, body) {
    const reader = new TlReader(body);
    const kind = reader.uint32();
    if (kind === ID.container) {
      for (let count = reader.uint32(); count > 0; count--) {
        const inner = reader.uint64();
        reader.uint32();
        this.dispatch(inner, reader.raw(reader.uint32()).slice());
      }
      return;
    }
    if (kind === ID.gzipPacked) {
      this.log.gzipped++;
      this.dispatch(msgId, new Uint8Array(gunzipOrInflate(reader.bytes())));
      return;
    }
    if (kind === ID.acks) return;
    if (kind === ID.ping || kind === ID.pingDelayDisconnect) {
      this.log.pings++;
      const pingId = reader.uint64();
      this.answer(new TlWriter().uint32(ID.pong).uint64(msgId).uint64(pingId).take());
      return;
    }
    if (kind === ID.getFutureSalts) {
      const salts = new TlWriter().uint32(ID.futureSalts).uint64(msgId);
      this.answer(salts.int32(Math.floor(now())).uint32(0).take());
      return;
    }
    const result = new TlWriter().uint32(ID.rpcResult).uint64(msgId);
    this.answer(result.raw(this.call(kind, reader, body)).take());
  }

  call(kind, reader, body) {
    const writer = new TlWriter();
    if (kind === ID.bindTempAuthKey) {
      const permanent = this.options.keys.get(toHex(reader.raw(8)));
      const nonce = reader.raw(8);
      const expiresAt = reader.int32();
      const { authKey } = permanent;
      const binding = openBindTempAuthKey(this.crypto, authKey, this.held.authKey, reader.bytes());
      const good =
        binding !== null &&
        toHex(binding.nonce) === toHex(nonce) &&
        binding.expiresAt === expiresAt &&
        toHex(binding.tempSessionId) === toHex(this.sessionId ?? new Uint8Array(8));
      if (!good) throw new Error('the binding is wrong');
      this.log.bound++;
      return writer.uint32(ID.boolTrue).take();
    }
    // Whatever wraps it, a call without arguments is the last thing in the message.
    const last = new TlReader(body.subarray(-4)).uint32();
    if (last === ID.getNearestDc) {
      this.log.calls++;
      const country = new TextEncoder().encode(this.options.country);
      writer.uint32(ID.nearestDc).bytes(country).int32(2).int32(2);
      if (!this.options.gzip) return writer.take();
      const packed = new TlWriter().uint32(ID.gzipPacked).bytes(this.options.gzip(writer.take()));
      return packed.take();
    }
    return writer.uint32(ID.rpcError).int32(400).bytes(new TextEncoder().encode('NOT_HERE')).take();
  }

  answer(body) {
    const fields = {
      salt: this.salt,
      sessionId: this.sessionId,
      msgId: this.ids.next('answer'),
      seqNo: 2 * this.sequence++ + 1,
      body,
    };
    this.send(this.cipher.seal(fields));
  }

  close() {
    this.cipher?.close();
    this.exchange?.close();
    this.hidden?.close?.();
    this.tls?.close?.();
  }
}

/** Clients pack with zlib and gzip. */
function gunzipOrInflate(data) {
  return data[0] === 0x1f ? gunzipSync(data) : inflateSync(data);
}

/**
 * Listens on a free port of loopback.
 * @param {import('sottovoce/crypto').CryptoCore} crypto
 * @param {{ envelope?: string, obfuscated?: boolean, secret?: Uint8Array, fakeTls?: boolean,
 *   country?: string, gzip?: (data: Uint8Array) => Uint8Array,
 *   judge?: (id: Uint8Array) => 'ok' | 'retry' | 'fail' }} [options]
 */
export async function startMtprotoServer(crypto, options = {}) {
  const log = {
    packets: 0,
    encrypted: 0,
    pings: 0,
    calls: 0,
    bound: 0,
    badSalts: 0,
    gzipped: 0,
    connections: 0,
    /** @type {{ dc: number | null, expiresIn: number | null }[]} */
    keys: [],
    envelopes: new Set(),
    /** @type {string[]} */
    errors: [],
  };
  const key = rsaPrivateKey(crypto, fromHex(n), fromHex(e), fromHex(d));
  const shared = { country: 'AQ', obfuscated: true, ...options, key, keys: new Map() };
  const sessions = new Set();
  const server = createServer((socket) => {
    log.connections++;
    const session = new Session(crypto, socket, shared, log);
    sessions.add(session);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      session.close();
      sessions.delete(session);
    });
    socket.on('data', (chunk) => {
      try {
        session.receive(chunk);
      } catch (error) {
        log.errors.push(String(error));
        socket.destroy();
      }
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port,
    log,
    async close() {
      for (const { socket } of sessions) socket.destroy();
      await new Promise((done) => server.close(() => done(undefined)));
      for (const { authKey } of shared.keys.values()) authKey.close();
    },
  };
}
