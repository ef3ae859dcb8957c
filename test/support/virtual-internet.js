// An internet in virtual time: homes behind NATs, and a STUN and TURN server. For tests of ICE, in every
// runtime.
import { createCrypto } from 'sottovoce/crypto';
import { encodeUtf8, stun } from 'sottovoce/internal';

const { ATTRIBUTE, METHOD, StunCodec } = stun;
/** @typedef {{ host: string, port: number }} Address */
/** @typedef {(data: Uint8Array, from: Address) => void} Handler */

const key = (/** @type {Address} */ { host, port }) => `${host} ${port}`;

/**
 * @param {ReturnType<typeof import('./virtual-clock.js').virtualClock>} clock
 * @param {{ delayMs?: number }} [options] one way
 */
export function virtualInternet(clock, { delayMs = 20 } = {}) {
  /** @type {Map<string, Handler>} by address, of what is public */
  const places = new Map();
  /** @type {Map<string, (data: Uint8Array, from: Address, to: Address) => void>} by host */
  const nats = new Map();
  /** Everything that went over the internet. @type {{ from: Address, to: Address, data: Uint8Array }[]} */
  const seen = [];
  const world = {
    seen,
    /** Datagrams between these are lost. @type {(from: Address, to: Address) => boolean} */
    isDown: (_from, _to) => false,
    /** @param {Uint8Array} data @param {Address} from @param {Address} to */
    carry(data, from, to) {
      seen.push({ from, to, data });
      if (world.isDown(from, to)) return;
      clock.setTimer(delayMs, () => {
        const nat = nats.get(to.host);
        if (nat) nat(data, from, to);
        else places.get(key(to))?.(data, from);
      });
    },
    /** @param {Address} address @param {Handler} handler */
    listen(address, handler) {
      places.set(key(address), handler);
      return () => places.delete(key(address));
    },
    /**
     * A computer behind a NAT with a public address of its own.
     * @param {{ host: string, wan: string, kind: 'cone' | 'symmetric' }} options
     */
    home({ host, wan, kind }) {
      let nextPort = 5000;
      let publicHost = wan;
      let nextPublic = 30_000;
      /** @type {Map<number, Handler | undefined>} */
      const sockets = new Map();
      /** @type {Map<string, number>} */
      let outward = new Map();
      /** @type {Map<number, { port: number, allowed: Set<string> }>} */
      let inward = new Map();
      const enter = (
        /** @type {Uint8Array} */ data,
        /** @type {Address} */ from,
        /** @type {Address} */ to,
      ) => {
        const entry = inward.get(to.port);
        if (entry?.allowed.has(key(from))) sockets.get(entry.port)?.(data, from);
      };
      nats.set(publicHost, enter);
      /** @returns {import('sottovoce/transport/ice').IceSocket} */
      const open = () => {
        const port = nextPort++;
        sockets.set(port, undefined);
        return {
          family: 4,
          addresses: [{ host, port }],
          send(data, to) {
            if (!sockets.has(port)) return;
            const copy = Uint8Array.from(data);
            if (to.host === host) {
              clock.setTimer(1, () => sockets.get(to.port)?.(copy, { host, port }));
              return;
            }
            if (to.host.startsWith('192.168.')) return; // somebody else's home
            const flow = kind === 'cone' ? `${port}` : `${port} ${key(to)}`;
            const mapped = outward.get(flow) ?? nextPublic++;
            outward.set(flow, mapped);
            const entry = inward.get(mapped) ?? { port, allowed: new Set() };
            inward.set(mapped, entry);
            entry.allowed.add(key(to));
            world.carry(copy, { host: publicHost, port: mapped }, to);
          },
          onDatagram: (handler) => void sockets.set(port, handler),
          close: () => void sockets.delete(port),
        };
      };
      return {
        openSockets: () => [open()],
        /** How many sockets are open. */
        get sockets() {
          return sockets.size;
        },
        /** The provider gives another address; the NAT forgets everything. @param {string} later */
        move(later) {
          nats.delete(publicHost);
          publicHost = later;
          outward = new Map();
          inward = new Map();
          nats.set(later, enter);
        },
      };
    },
  };
  return world;
}

/**
 * A STUN and TURN server on the internet.
 * @param {ReturnType<typeof virtualInternet>} world
 * @param {Address & { username: string, password: string, lifetime?: number }} options
 */
export function virtualServer(world, { host, port, username, password, lifetime = 600 }) {
  const codec = new StunCodec(createCrypto());
  const realm = 'example.org';
  const secret = codec.createKey(stun.longTermKey(username, realm, password));
  const own = { host, port };
  let nonce = 'nonce 1';
  let nextPort = 50_000;
  let up = true;
  /** @type {Map<string, any>} by client */
  const allocations = new Map();
  const counts = { requests: 0, refused: 0, refreshes: 0, indications: 0, channelData: 0 };

  const reply = (
    /** @type {any} */ to,
    /** @type {any} */ request,
    /** @type {'success' | 'error'} */ kind,
    /** @type {[number, Uint8Array][]} */ attributes,
    sealed = false,
  ) => {
    const { method, transactionId } = request;
    const content = { method, kind, transactionId, attributes };
    world.carry(codec.encode(content, sealed ? secret : undefined, true), own, to);
  };
  const refuse = (
    /** @type {any} */ to,
    /** @type {any} */ request,
    /** @type {number} */ code,
  ) => {
    counts.refused++;
    reply(to, request, 'error', [
      [ATTRIBUTE.errorCode, Uint8Array.of(0, 0, Math.floor(code / 100), code % 100)],
      [ATTRIBUTE.realm, encodeUtf8(realm)],
      [ATTRIBUTE.nonce, encodeUtf8(nonce)],
    ]);
  };

  function relayIn(
    /** @type {any} */ allocation,
    /** @type {Uint8Array} */ data,
    /** @type {Address} */ from,
  ) {
    if (!up || !allocation.permitted.has(from.host)) return;
    const channel = allocation.channelOf.get(key(from));
    if (channel) {
      const frame = new Uint8Array(4 + data.length);
      new DataView(frame.buffer).setUint32(0, (channel << 16) | data.length);
      frame.set(data, 4);
      world.carry(frame, own, allocation.client);
      return;
    }
    const transactionId = new Uint8Array(12);
    const attributes = /** @type {[number, Uint8Array][]} */ ([
      [ATTRIBUTE.xorPeerAddress, stun.xorAddress(from, transactionId)],
      [ATTRIBUTE.data, data],
    ]);
    const content = {
      method: METHOD.data,
      kind: /** @type {const} */ ('indication'),
      transactionId,
      attributes,
    };
    world.carry(codec.encode(content), own, allocation.client);
  }

  function allocate(/** @type {Address} */ client) {
    const relayed = { host, port: nextPort++ };
    const allocation = {
      client,
      relayed,
      permitted: new Set(),
      channelOf: new Map(),
      peerOf: new Map(),
      stop: world.listen(relayed, (data, from) => relayIn(allocation, data, from)),
    };
    allocations.set(key(client), allocation);
    return allocation;
  }

  function handle(
    /** @type {any} */ message,
    /** @type {Uint8Array} */ data,
    /** @type {Address} */ from,
  ) {
    const mapped = /** @type {[number, Uint8Array]} */ ([
      ATTRIBUTE.xorMappedAddress,
      stun.xorAddress(from, message.transactionId),
    ]);
    counts.requests++;
    if (message.method === METHOD.binding) return reply(from, message, 'success', [mapped]);
    if (!codec.verify(data, message, secret)) return refuse(from, message, 401);
    if (stun.textOf(message, ATTRIBUTE.nonce) !== nonce) return refuse(from, message, 438);
    const time = /** @type {[number, Uint8Array]} */ ([ATTRIBUTE.lifetime, stun.uint32(lifetime)]);
    let allocation = allocations.get(key(from));
    if (message.method === METHOD.allocate) {
      if (allocation) return refuse(from, message, 437);
      allocation = allocate(from);
      const { relayed } = allocation;
      const address = stun.xorAddress(relayed, message.transactionId);
      return reply(
        from,
        message,
        'success',
        [[ATTRIBUTE.xorRelayedAddress, address], mapped, time],
        true,
      );
    }
    if (!allocation) return refuse(from, message, 437);
    const peer = stun.addressOf(message, ATTRIBUTE.xorPeerAddress);
    if (message.method === METHOD.refresh) {
      counts.refreshes++;
      if (stun.numberOf(message, ATTRIBUTE.lifetime) === 0) {
        allocation.stop();
        allocations.delete(key(from));
      }
      return reply(from, message, 'success', [time], true);
    }
    if (message.method === METHOD.createPermission && peer) allocation.permitted.add(peer.host);
    else if (message.method === METHOD.channelBind && peer) {
      const channel = (stun.numberOf(message, ATTRIBUTE.channelNumber) ?? 0) >>> 16;
      allocation.channelOf.set(key(peer), channel);
      allocation.peerOf.set(channel, peer);
      allocation.permitted.add(peer.host);
    } else return refuse(from, message, 400);
    return reply(from, message, 'success', [], true);
  }

  world.listen(own, (data, from) => {
    if (!up) return;
    const allocation = allocations.get(key(from));
    const message = stun.parseStun(data);
    if (message?.kind === 'request') handle(message, data, from);
    else if (message?.method === METHOD.send && allocation) {
      const peer = stun.addressOf(message, ATTRIBUTE.xorPeerAddress);
      const content = stun.attributeOf(message, ATTRIBUTE.data);
      counts.indications++;
      if (peer && content && allocation.permitted.has(peer.host)) {
        world.carry(Uint8Array.from(content), allocation.relayed, peer);
      }
    } else if (!message && allocation && data.length >= 4) {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      const peer = allocation.peerOf.get(view.getUint16(0));
      counts.channelData++;
      if (peer) world.carry(data.slice(4, 4 + view.getUint16(2)), allocation.relayed, peer);
    }
  });
  return {
    address: own,
    counts,
    allocations,
    /** Another nonce from now on. */
    renewNonce: () => {
      nonce = `${nonce} more`;
    },
    die: () => {
      up = false;
    },
  };
}
