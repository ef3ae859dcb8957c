import type { Address } from '../relay/address.ts';
import { canonicalHost } from '../relay/address.ts';

/** Where an ICE candidate comes from (RFC 8445, 4). */
export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay';

/** An ICE candidate of component 1 over UDP. */
export type Candidate = Address & {
  readonly type: CandidateType;
  /** Up to 32 letters, digits, `+` and `/`: equal for candidates of one type, base and server. */
  readonly foundation: string;
  /** 1..2^31-1. */
  readonly priority: number;
};

const TYPES: readonly string[] = ['host', 'srflx', 'prflx', 'relay'];

/**
 * The `candidate` attribute of SDP without `a=` (RFC 8839, 5.1). The related address is always hidden:
 * it is for diagnosis only, and would tell what `p2p: false` conceals.
 */
export function formatCandidate(candidate: Candidate): string {
  const { foundation, priority, host, port, type } = candidate;
  const line = `candidate:${foundation} 1 udp ${priority} ${host} ${port} typ ${type}`;
  return type === 'host' ? line : `${line} raddr ${host.includes(':') ? '::' : '0.0.0.0'} rport 9`;
}

/**
 * Reads a candidate.
 * @returns owned; null when it is malformed, not for UDP, not of component 1, or names no IP address
 *   (a `.local` name hides one)
 */
export function parseCandidate(text: unknown): Candidate | null {
  if (typeof text !== 'string' || text.length > 512) return null;
  const fields = text.replace(/^a=/, '').split(' ');
  const [head = '', component, protocol = '', priority = '', host = '', port = ''] = fields;
  const type = fields[7];
  const foundation = /^candidate:([0-9A-Za-z+/]{1,32})$/.exec(head)?.[1];
  if (!foundation || component !== '1' || protocol.toLowerCase() !== 'udp') return null;
  if (fields[6] !== 'typ' || !type || !TYPES.includes(type)) return null;
  if (!/^[0-9]{1,10}$/.test(priority) || !/^[0-9]{1,5}$/.test(port)) return null;
  const canonical = canonicalHost(host);
  const number = Number(port);
  if (!canonical || number < 1 || number > 65_535) return null;
  if (Number(priority) < 1 || Number(priority) > 0x7fffffff) return null;
  return {
    type: type as CandidateType,
    foundation,
    priority: Number(priority),
    host: canonical,
    port: number,
  };
}

/** How a candidate line reads when nothing but the relay may be told; null: it must not leave at all. */
export function concealCandidate(line: string): string | null {
  if (!/ typ relay(?= |$)/.test(line)) return null;
  return line.replace(/ raddr [^ ]+ rport [^ ]+/, (all) =>
    all.includes(':') ? ' raddr :: rport 9' : ' raddr 0.0.0.0 rport 9',
  );
}

/**
 * A session description of which every address is taken but those of relay candidates: connection
 * lines, the ports of media lines, candidates of other types, the origin.
 */
export function concealAddresses(sdp: string): string {
  const lines: string[] = [];
  for (const line of sdp.split(/\r?\n/)) {
    if (line === '') continue;
    if (line.startsWith('a=candidate:')) {
      const kept = concealCandidate(line);
      if (kept !== null) lines.push(kept);
    } else if (line.startsWith('c=')) lines.push('c=IN IP4 0.0.0.0');
    else if (line.startsWith('o=')) lines.push(line.replace(/ IN IP[46] .*$/, ' IN IP4 127.0.0.1'));
    else if (line.startsWith('a=rtcp:')) lines.push('a=rtcp:9 IN IP4 0.0.0.0');
    else if (line.startsWith('m=')) lines.push(line.replace(/^(m=\w+) [1-9][0-9]*/, '$1 9'));
    else lines.push(line);
  }
  return `${lines.join('\r\n')}\r\n`;
}
