// What is compared: suites of cases. A case gives our function and those of the peers, on the same input.
import { createDiffieHellman } from 'node:crypto';
import { createCrypto, DH_PRIME } from 'sottovoce/crypto';
import { baseline } from '../baseline/load.js';
import { compose } from './compositions.mjs';
import { bytesOf, peers } from '../contestants/peers.mjs';

const crypto = createCrypto();
const pattern = (length, factor) =>
  Uint8Array.from({ length }, (_, i) => (i * factor + (i >> 8)) & 255);
const sizeName = (n) => {
  if (n < 1024) return `${n} B`;
  return n < 1048576 ? `${n / 1024} KiB` : `${n / 1048576} MiB`;
};
const sizes = [16, 160, 1024, 65536, 1048576];

const key = pattern(32, 7);
const iv32 = pattern(32, 11);
const iv16 = pattern(16, 13);

/** The peers that have an operation, as entries whose `run` does it on `args`. */
const having = (operation, ...args) =>
  Object.entries(peers)
    .filter(([, operations]) => operation in operations)
    .map(([name, operations]) => ({ name, run: () => operations[operation](...args) }));
const twice = (entries) =>
  entries.map(({ name, run }) => ({
    name,
    run: () => {
      run();
      return run();
    },
  }));

/** Up to 64 KiB a result is a view that needs no room; above, both sides write to new or given memory. */
const roomFor = (data) => (data.length > 65536 ? new Uint8Array(data.length) : undefined);

function cipher(suite, operation, method, iv) {
  return sizes.map((size) => {
    const data = pattern(size, 17);
    const dst = roomFor(data);
    return {
      suite,
      case: sizeName(size),
      ours: () => crypto[method](key, iv, data, dst),
      peers: having(operation, key, iv, data),
    };
  });
}

function pair(suite, operation, method) {
  return sizes.slice(1).map((size) => {
    const data = pattern(size, 17);
    const [one, two] = [0, 1].map(() => ({
      key,
      iv: iv32,
      data,
      ...(size > 32768 && { dst: new Uint8Array(size) }),
    }));
    const single = method.replace('Pair', '');
    const alone = { name: 'sottovoce, one after the other' };
    alone.run = () => crypto[single](key, iv32, data, two.dst);
    return {
      suite,
      case: sizeName(size),
      ours: () => crypto[method](one, two)[1],
      peers: twice([alone, ...having(operation, key, iv32, data)]),
    };
  });
}

function hash(suite, name) {
  return sizes.map((size) => {
    const data = pattern(size, 17);
    return {
      suite,
      case: sizeName(size),
      ours: () => crypto[name](data),
      peers: having(name, data),
    };
  });
}

const packet = crypto.createPacketBuffer(1048576);
const small = crypto.createPacketBuffer(64);
const keyBytes = pattern(256, 5);
const shared = crypto.createSharedKey(keyBytes);

/** 52 bytes, as both hashes of the key derivation have them, that lie in WASM memory. */
const inMemory = () => {
  const data = pattern(52, 17);
  const body = small.body.subarray(0, 52);
  body.set(data);
  return {
    suite: 'sha-256',
    case: '52 B in WASM memory',
    ours: () => crypto.sha256(body),
    peers: having('sha256', data),
  };
};

function four() {
  return [160, 1024, 65536, 1048576].map((size) => {
    const messages = [17, 19, 23, 29].map((factor) => pattern(size, factor));
    const all = (run) => () => messages.map((message) => run(message)).at(-1);
    return {
      suite: 'sha-256-x4',
      case: sizeName(size),
      ours: () => crypto.sha256x4(messages).subarray(96),
      peers: [
        { name: 'sottovoce, one by one', run: all((message) => crypto.sha256(message)) },
        { name: 'hash-wasm', run: all(peers['hash-wasm'].sha256) },
        { name: '@noble/hashes', run: all(peers['@noble/hashes'].sha256) },
      ],
    };
  });
}

/** Peers that can seal, alone or with another for the hash. */
const sealers = {
  call: {
    '@mtcute/wasm': { ...peers['@mtcute/wasm'], cipher: 'ctr' },
    '@noble/ciphers': { ...peers['@noble/ciphers'], ...peers['@noble/hashes'], cipher: 'ctr' },
    'pure-js': { ...peers['pure-js'], cipher: 'ctr' },
    'node:crypto': { ...peers['node:crypto'], cipher: 'ctr' },
  },
  message: {
    '@mtcute/wasm': peers['@mtcute/wasm'],
    '@cryptography/aes': {
      igeEncrypt: (k, iv, data) => bytesOf(peers['@cryptography/aes'].igeEncrypt(k, iv, data)),
      igeDecrypt: (k, iv, data) => bytesOf(peers['@cryptography/aes'].igeDecrypt(k, iv, data)),
      sha256: peers['@noble/hashes'].sha256,
    },
    'pure-js': peers['pure-js'],
  },
};

function composed(kind, size) {
  return Object.entries(sealers[kind]).map(([name, peer]) => ({
    name,
    ...compose(
      {
        sha256: peer.sha256,
        encrypt: peer.cipher ? peer[peer.cipher] : peer.igeEncrypt,
        decrypt: peer.cipher ? peer[peer.cipher] : peer.igeDecrypt,
      },
      kind,
      size,
    ),
  }));
}

function fused(suffix, kind, sizesOfBody, seal, open) {
  return sizesOfBody.flatMap((size) => {
    const plain = pattern(size, 17);
    packet.body.set(plain);
    const sealed = packet[seal](shared, 0, size).slice();
    const composition = composed(kind, size);
    const sealPeers = composition.map(({ name, seal: run }) => ({
      name,
      run: () => run(keyBytes, 0, plain),
    }));
    const openPeers = composition.map(({ name, open: run }) => ({
      name,
      run: () => run(keyBytes, 0, sealed),
    }));
    const name = sizeName(size);
    const copied = new Uint8Array(16 + size);
    // Ours works in place: what is sealed is the body as it lies there, whatever the last round left in it;
    // what is opened is copied into the buffer, as a packet from the network has to be.
    return [
      {
        suite: `seal-${suffix}`,
        case: name,
        check: () => {
          packet.body.set(plain);
          return packet[seal](shared, 0, size);
        },
        ours: () => packet[seal](shared, 0, size),
        peers: sealPeers,
      },
      {
        suite: `open-${suffix}`,
        case: name,
        ours: () => packet[open](shared, 0, sealed),
        peers: openPeers,
      },
      {
        suite: `seal-${suffix}-copies`,
        case: name,
        ours: () => {
          packet.body.set(plain);
          copied.set(packet[seal](shared, 0, size));
          return copied;
        },
        peers: sealPeers,
      },
      {
        suite: `open-${suffix}-copies`,
        case: name,
        ours: () => packet[open](shared, 0, sealed).slice(),
        peers: openPeers,
      },
    ];
  });
}

function power() {
  const base = pattern(256, 3);
  base[0] = 0x55;
  const exponent = pattern(256, 29);
  exponent[0] |= 0x80;
  const dh = createDiffieHellman(Buffer.from(DH_PRIME), 3);
  dh.setPrivateKey(Buffer.from(exponent));
  return {
    suite: 'modexp',
    case: '2048 bit',
    ours: () => crypto.modExp(base, exponent, DH_PRIME),
    peers: [
      { name: 'bigint', run: () => baseline.modExp(base, exponent, DH_PRIME) },
      { name: 'node:crypto', run: () => dh.computeSecret(base) },
    ],
  };
}

export const cases = [
  ...cipher('aes-ige-encrypt', 'igeEncrypt', 'aesIgeEncrypt', iv32),
  ...cipher('aes-ige-decrypt', 'igeDecrypt', 'aesIgeDecrypt', iv32),
  ...pair('aes-ige-encrypt-x2', 'igeEncrypt', 'aesIgeEncryptPair'),
  ...pair('aes-ige-decrypt-x2', 'igeDecrypt', 'aesIgeDecryptPair'),
  ...cipher('aes-ctr', 'ctr', 'aesCtr', iv16),
  ...cipher('aes-cbc-encrypt', 'cbcEncrypt', 'aesCbcEncrypt', iv16),
  ...cipher('aes-cbc-decrypt', 'cbcDecrypt', 'aesCbcDecrypt', iv16),
  ...hash('sha-1', 'sha1'),
  inMemory(),
  ...hash('sha-256', 'sha256'),
  ...four(),
  ...hash('sha-512', 'sha512'),
  ...fused('call', 'call', [60, 160, 300, 1024], 'sealCall', 'openCall'),
  ...fused('mtproto', 'message', [1024, 16384, 65536], 'sealMessage', 'openMessage'),
  power(),
];

/** The bytes of a result, whatever form the library gives. */
export const asBytes = (result) =>
  result instanceof Uint32Array ? bytesOf(result) : Buffer.from(result);
