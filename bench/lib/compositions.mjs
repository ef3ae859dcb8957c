// Sealing and opening put together from the functions of a peer, as a careful user would: every buffer whose
// size is known beforehand is allocated once. The steps: msg_key = SHA256(key[88+x..120+x] || plain)[8..24],
// two hashes that give key and iv, the cipher; opening does the same backwards and compares.

/**
 * @param {{ sha256(data: Uint8Array): Uint8Array, encrypt: Function, decrypt: Function }} peer
 * @param {'call' | 'message'} kind
 * @param {number} length of the plaintext
 */
export function compose(peer, kind, length) {
  const hashed = new Uint8Array(32 + length);
  const first = new Uint8Array(52);
  const second = new Uint8Array(52);
  const aesKey = new Uint8Array(32);
  const aesIv = new Uint8Array(kind === 'call' ? 16 : 32);
  const packet = new Uint8Array(16 + length);
  const msgKeyOf = (key, x, plain) => {
    hashed.set(key.subarray(88 + x, 120 + x));
    hashed.set(plain, 32);
    return peer.sha256(hashed).subarray(8, 24);
  };
  const derive = (key, x, msgKey) => {
    first.set(msgKey);
    first.set(key.subarray(x, x + 36), 16);
    second.set(key.subarray(40 + x, 76 + x));
    second.set(msgKey, 36);
    const a = peer.sha256(first);
    const b = peer.sha256(second);
    aesKey.set(a.subarray(0, 8));
    aesKey.set(b.subarray(8, 24), 8);
    aesKey.set(a.subarray(24, 32), 24);
    if (kind === 'call') {
      aesIv.set(b.subarray(0, 4));
      aesIv.set(a.subarray(8, 16), 4);
      aesIv.set(b.subarray(24, 28), 12);
    } else {
      aesIv.set(b.subarray(0, 8));
      aesIv.set(a.subarray(8, 24), 8);
      aesIv.set(b.subarray(24, 32), 24);
    }
  };
  return {
    seal(key, x, plain) {
      const msgKey = msgKeyOf(key, x, plain);
      derive(key, x, msgKey);
      packet.set(msgKey);
      packet.set(peer.encrypt(aesKey, aesIv, plain), 16);
      return packet;
    },
    open(key, x, sealed) {
      const msgKey = sealed.subarray(0, 16);
      derive(key, x, msgKey);
      const plain = peer.decrypt(aesKey, aesIv, sealed.subarray(16));
      const expected = msgKeyOf(key, x, plain);
      let difference = 0;
      for (let i = 0; i < 16; i++) difference |= expected[i] ^ msgKey[i];
      return difference === 0 ? plain : null;
    },
  };
}
