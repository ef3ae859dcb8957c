import { checkInteger, checkOptions } from '../core/checks.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import type { CryptoCore } from '../crypto/crypto-core.ts';
import type { PacketBuffer } from '../crypto/packet-buffer.ts';
import type { SharedKey } from '../crypto/shared-key.ts';
import { checkCore, checkKey, checkRandom } from './checks.ts';
import { badArgument } from './errors.ts';
import { MESSAGE_HEADER, type MessageCipherOptions } from './message-fields.ts';

/** What the ciphers of both versions work with. */
export type CipherParts = {
  readonly key: SharedKey;
  readonly random: RandomSource;
  /** Room for header, body and padding. */
  readonly buffer: PacketBuffer;
  readonly maxBodyBytes: number;
  /** 0 for a client, 8 for a server: where in the key its sealing begins (mtproto.md 3). */
  readonly sendX: 0 | 8;
};

/**
 * Checks what a cipher is made from, and reserves its buffer.
 * @param padding most bytes of padding beyond what completes a block
 * @throws {MtprotoError} `bad-argument`
 */
export function cipherParts(
  crypto: CryptoCore,
  key: SharedKey,
  options: MessageCipherOptions,
  padding: number,
): CipherParts {
  checkCore(crypto);
  checkKey('key', key);
  checkOptions(options, ['role', 'random', 'maxBodyBytes'], badArgument);
  const { role = 'client', random = systemRandom, maxBodyBytes = 1024 * 1024 } = options;
  if (role !== 'client' && role !== 'server') {
    throw badArgument('"role" expected client or server');
  }
  checkRandom(random);
  checkInteger('maxBodyBytes', maxBodyBytes, 0, 15 * 1024 * 1024, badArgument);
  return {
    key,
    random,
    buffer: crypto.createPacketBuffer((MESSAGE_HEADER + maxBodyBytes + padding + 15) & ~15),
    maxBodyBytes,
    sendX: role === 'client' ? 0 : 8,
  };
}
