/** Where a datagram comes from or goes to. */
export type Address = {
  /** An IP address as text, never a name. */
  readonly host: string;
  /** 0..65535; 0 only where any free port is meant. */
  readonly port: number;
};

/** Length of an address in a self info reply: IPv6, or IPv4 mapped into it (RFC 4291, 2.5.5.2). */
export const ADDRESS_BYTES: number = 16;

function parseIpv4(text: string, target: Uint8Array, offset: number): boolean {
  const parts = text.split('.');
  if (parts.length !== 4) return false;
  for (let i = 0; i < 4; i++) {
    const part = parts[i]!;
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return false;
    target[offset + i] = Number(part);
  }
  return true;
}

/** Groups of one side of `::` as bytes, or null. The last of all may be dotted (RFC 4291, 2.2). */
function parseGroups(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (last && i === groups.length - 1 && group.includes('.')) {
      const dotted = new Uint8Array(4);
      if (!parseIpv4(group, dotted, 0)) return null;
      bytes.push(...dotted);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(group)) return null;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    }
  }
  return bytes;
}

/**
 * The 16 bytes of an address as a self info reply carries it: IPv6 as it is, IPv4 mapped.
 * A zone (`%eth0`) is ignored.
 * @returns owned, or null when the text is no IP address
 */
export function addressBytes(host: string): Uint8Array | null {
  const bytes = new Uint8Array(ADDRESS_BYTES);
  if (!host.includes(':')) {
    bytes.fill(255, 10, 12);
    return parseIpv4(host, bytes, 12) ? bytes : null;
  }
  const halves = host.replace(/%.*$/, '').split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (!head || !tail) return null;
  const length = head.length + tail.length;
  // "::" stands for one group of zeros or more
  if (halves.length === 2 ? length > ADDRESS_BYTES - 2 : length !== ADDRESS_BYTES) return null;
  bytes.set(head);
  bytes.set(tail, ADDRESS_BYTES - tail.length);
  return bytes;
}

/** Whether it is an IPv4 address in the form of an IPv6 one. */
function isMapped(bytes: Uint8Array): boolean {
  let mapped = bytes[10] === 255 && bytes[11] === 255;
  for (let i = 0; i < 10; i++) mapped &&= bytes[i] === 0;
  return mapped;
}

/** Text of 16 address bytes: dotted when they are a mapped IPv4 address, else all eight groups. */
export function addressText(bytes: Uint8Array): string {
  if (isMapped(bytes)) return bytes.subarray(12, 16).join('.');
  const groups: string[] = [];
  for (let i = 0; i < ADDRESS_BYTES; i += 2) {
    groups.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16));
  }
  return groups.join(':');
}

const NETWORK_BYTES_IPV6 = 8; // a /64 is one subscriber (RFC 6177)

/**
 * The bytes by which a source is told from others: one IPv4 address, mapped or not, or one IPv6 network of 64 bits.
 * @returns 16 or 8 bytes, owned, or null when the text is no IP address
 */
export function sourceBytes(host: string): Uint8Array | null {
  const bytes = addressBytes(host);
  return bytes && (isMapped(bytes) ? bytes : bytes.subarray(0, NETWORK_BYTES_IPV6));
}

/** One text for each address, so that two texts can be compared; null when it is no IP address. */
export function canonicalHost(host: string): string | null {
  const bytes = addressBytes(host);
  return bytes && addressText(bytes);
}
