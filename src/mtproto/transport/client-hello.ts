import { encodeUtf8 } from '../../core/utf8.ts';
import type { RandomSource } from '../../core/random.ts';
import { fakeX25519Share } from './x25519-share.ts';

/** Where the 32 random bytes are, which become the digest (transports.md 3). */
export const RANDOM_OFFSET = 11;
/** Hellos that would be shorter are padded to this: some middleboxes hang on 256..511 bytes (RFC 7685). */
const MIN_LENGTH = 517;

const CIPHER_SUITES = [
  0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
  0x009d, 0x002f, 0x0035,
];
const SIGNATURES = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
const X25519_MLKEM768 = 0x11ec;
const X25519 = 0x001d;
const GROUPS = [X25519_MLKEM768, X25519, 0x0017, 0x0018];

const u16 = (value: number): number[] => [value >> 8, value & 255];
const all16 = (values: readonly number[]): number[] => values.flatMap(u16);
const with8 = (bytes: readonly number[]): number[] => [bytes.length, ...bytes];
const with16 = (bytes: readonly number[]): number[] => [...u16(bytes.length), ...bytes];
const extension = (type: number, body: readonly number[]): number[] => [
  ...u16(type),
  ...with16(body),
];

/** Random choices of one hello. */
class Dice {
  readonly #random: RandomSource;
  #lastGrease = -1;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  bytes(length: number): number[] {
    const bytes = new Uint8Array(length);
    this.#random(bytes);
    return [...bytes];
  }

  /** 0..limit - 1, limit up to 65536; of no importance that it is not quite uniform. */
  below(limit: number): number {
    const [high, low] = this.bytes(2) as [number, number];
    return ((high << 8) | low) % limit;
  }

  /** A reserved value (RFC 8701), another than the one before. */
  grease(): number {
    let digit = this.below(16);
    if (digit === this.#lastGrease) digit = (digit + 1) & 15;
    this.#lastGrease = digit;
    return ((digit << 4) | 10) * 0x101;
  }

  share(): number[] {
    return [...fakeX25519Share(this.#random)];
  }

  shuffle<T>(list: T[]): T[] {
    for (let i = list.length - 1; i > 0; i--) {
      const other = this.below(i + 1);
      [list[i], list[other]] = [list[other]!, list[i]!];
    }
    return list;
  }
}

/**
 * Something like an ML-KEM-768 key (FIPS 203): 768 coefficients below 3329 in 12 bits each, and a seed.
 */
function fakeMlKemKey(dice: Dice): number[] {
  const key: number[] = [];
  for (let i = 0; i < 384; i++) {
    const [a, b] = [dice.below(3329), dice.below(3329)];
    key.push(a & 255, (a >> 8) | ((b & 15) << 4), b >> 4);
  }
  return [...key, ...dice.bytes(32)];
}

function serverName(domain: string): number[] {
  return with16([0, ...with16([...encodeUtf8(domain)])]);
}

function keyShares(dice: Dice, grease: number): number[] {
  const hybrid = [...fakeMlKemKey(dice), ...dice.share()];
  return with16([
    ...extension(grease, [0]),
    ...extension(X25519_MLKEM768, hybrid),
    ...extension(X25519, dice.share()),
  ]);
}

/** An encrypted_client_hello that nobody can decrypt (RFC 9849 6.2). */
function encryptedHello(dice: Dice): number[] {
  const payload = dice.bytes([144, 176, 208, 240][dice.below(4)]!);
  const [configId] = dice.bytes(1);
  return [0, ...all16([1, 1]), configId!, ...with16(dice.share()), ...with16(payload)];
}

/**
 * A TLS 1.3 ClientHello as a browser of 2026 sends it, in its record, with 32 zeros where the random
 * belongs. *Owned*.
 * @param domain what SNI names
 */
export function buildClientHello(domain: string, random: RandomSource): Uint8Array {
  const dice = new Dice(random);
  const suites = [dice.grease(), ...CIPHER_SUITES];
  const groupGrease = dice.grease();
  const extensions = dice.shuffle([
    extension(0x0000, serverName(domain)),
    extension(0x0005, [1, 0, 0, 0, 0]),
    extension(0x000a, with16(all16([groupGrease, ...GROUPS]))),
    extension(0x000b, with8([0])),
    extension(0x000d, with16(all16(SIGNATURES))),
    extension(
      0x0010,
      with16([...with8([...encodeUtf8('h2')]), ...with8([...encodeUtf8('http/1.1')])]),
    ),
    extension(0x0012, []),
    extension(0x0017, []),
    extension(0x001b, with8(u16(2))),
    extension(0x0023, []),
    extension(0x002b, with8(all16([dice.grease(), 0x0304, 0x0303]))),
    extension(0x002d, with8([1])),
    extension(0x0033, keyShares(dice, groupGrease)),
    extension(0x44cd, with16(with8([...encodeUtf8('h2')]))),
    extension(0xfe0d, encryptedHello(dice)),
    extension(0xff01, [0]),
  ]);
  const block = [
    ...extension(dice.grease(), []),
    ...extensions.flat(),
    ...extension(dice.grease(), [0]),
  ];
  const head = [
    ...[3, 3, ...new Array<number>(32).fill(0)],
    ...with8(dice.bytes(32)),
    ...with16(all16(suites)),
    ...with8([0]),
  ];
  const missing = MIN_LENGTH - (9 + head.length + 2 + block.length);
  if (missing > 0) {
    block.push(...extension(0x0015, new Array<number>(Math.max(0, missing - 4)).fill(0)));
  }
  const hello = [...head, ...with16(block)];
  return Uint8Array.from([22, 3, 1, ...with16([1, 0, ...with16(hello)])]);
}
