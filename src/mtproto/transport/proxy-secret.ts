import { copyBytes } from '../../core/bytes.ts';
import { decodeBase64 } from '../../core/base64.ts';
import { checkBytes, describe } from '../../core/checks.ts';
import { fromHex } from '../../core/hex.ts';
import { decodeUtf8 } from '../../core/utf8.ts';
import { MtprotoError } from '../errors.ts';

/** What the secret of an MTProto proxy says. */
export type ProxySecret = {
  /** The 16 bytes that go into the keys. */
  readonly secret: Uint8Array;
  /** Whether the padded intermediate envelope must be used. */
  readonly padded: boolean;
  /** Where the connection pretends to go, when it is fake TLS. */
  readonly domain: string | null;
};

const SECRET = 16;
/** Longest domain that goes into a ClientHello of tdlib. */
const MAX_DOMAIN = 182;

/**
 * Reads the secret of a proxy (transports.md 2.4): 16 bytes; 17 that begin with `dd`; or `ee`, 16 bytes
 * and a domain for fake TLS. Text is hex, base64url or base64.
 *
 * @throws {MtprotoError} `bad-secret`
 * @example
 * const { secret, padded, domain } = parseProxySecret('dd' + '00'.repeat(16));
 */
export function parseProxySecret(source: Uint8Array | string): ProxySecret {
  const bytes = typeof source === 'string' ? decodeText(source) : source;
  checkBytes('secret', bytes, () =>
    badSecret(`"secret" expected bytes or text, got ${describe(source)}`),
  );
  if (bytes.length === SECRET) return { secret: copyBytes(bytes), padded: false, domain: null };
  const secret = copyBytes(bytes, 1, 1 + SECRET);
  if (bytes.length === 1 + SECRET && bytes[0] === 0xdd) {
    return { secret, padded: true, domain: null };
  }
  const domainBytes = bytes.length - 1 - SECRET;
  if (bytes[0] === 0xee && domainBytes >= 1 && domainBytes <= MAX_DOMAIN) {
    return { secret, padded: true, domain: decodeUtf8(bytes.subarray(1 + SECRET)) };
  }
  throw badSecret(`no secret of a proxy has this form and ${bytes.length} bytes`);
}

const badSecret = (message: string): MtprotoError => new MtprotoError('bad-secret', message);

function decodeText(text: string): Uint8Array {
  if (/^([0-9a-f]{2})+$/i.test(text)) return fromHex(text);
  const digits = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (!/^[A-Za-z0-9+/]+$/.test(digits) || digits.length % 4 === 1) {
    throw badSecret('the text is neither hex nor base64');
  }
  return decodeBase64(digits + '='.repeat(-digits.length & 3));
}
