import type { Endpoint } from '../transport/types.ts';
import { canonicalJson } from './canonical-json.ts';
import { isDirect, sameEndpoint } from './endpoints.ts';
import { CallError } from './errors.ts';
import type { CallProtocol } from './protocol.ts';
import {
  type CodecParameters,
  type SealedMessage,
  type Terms,
  termsToJson,
} from './sealed-messages.ts';

/** The version string of this package's own media: sealed packets with RTP and Opus inside. */
export const LIBRARY_VERSION: string = 'sottovoce-2';

/** The layers are relics that every client sends unchanged (calls, section 7). */
const MIN_LAYER = 65;
const MAX_LAYER = 92;

/** What this end can receive. Payload type and clock are those of Telegram's own stack. */
export const LOCAL_CODECS: readonly CodecParameters[] = [
  {
    name: 'opus',
    payloadType: 111,
    clockRate: 48_000,
    channels: 2,
    parameters: { maxptime: '120', useinbandfec: '1' },
  },
];

/** What an end brings to a negotiation. */
export type LocalTerms = {
  /** Undefined: every relay that is offered may be used, unless `p2p` is false. */
  readonly endpoints: readonly Endpoint[] | undefined;
  /** False: no path that shows this end's address to the peer. */
  readonly p2p: boolean;
};

/** What both ends have agreed on. */
export type Choice = {
  readonly version: string;
  /** Paths that both have named, as the caller has named them. */
  readonly endpoints: readonly Endpoint[];
  /** Each may connect to the other's addresses. */
  readonly direct: boolean;
};

/** Own endpoints that may be used: all, or those that hide this end's address. */
function permitted({ endpoints, p2p }: LocalTerms): readonly Endpoint[] {
  return (endpoints ?? []).filter((endpoint) => p2p || !isDirect(endpoint));
}

/** What this end can do. */
export function localProtocol(local: LocalTerms): CallProtocol {
  return {
    minLayer: MIN_LAYER,
    maxLayer: MAX_LAYER,
    udpP2p: permitted(local).some(isDirect),
    udpReflector: local.endpoints?.some(({ kind }) => kind === 'relay') ?? true,
    libraryVersions: [LIBRARY_VERSION],
  };
}

/** What a caller offers in the open: everything but its addresses, which only the peer gets to see. */
export function offerTerms(local: LocalTerms): Terms {
  const endpoints = permitted(local).filter(({ kind }) => kind !== 'direct');
  return { protocol: localProtocol(local), endpoints };
}

/** Own addresses: for the peer alone, and only where both ends permit it. */
export function ownAddresses(local: LocalTerms, choice: Choice): Endpoint[] {
  if (!choice.direct) return [];
  return permitted(local).filter(({ kind }) => kind === 'direct');
}

/** What a callee answers to an offer: of what was offered, that which it can use. */
export function answerTerms(offered: readonly Endpoint[], local: LocalTerms): Terms {
  const own = permitted(local);
  const endpoints = offered.filter((offer) => {
    // With p2p: false not: the peer could name a machine of its own, and see who comes.
    if (offer.kind === 'relay' && local.endpoints === undefined && local.p2p) return true;
    return offer.kind !== 'direct' && own.some((mine) => sameEndpoint(mine, offer));
  });
  return { protocol: localProtocol(local), endpoints };
}

/**
 * The version that both ends speak, in the caller's order of preference.
 * @throws {CallError} `unsupported-protocol`
 */
export function chooseVersion(caller: CallProtocol, callee: CallProtocol): string {
  const version = caller.libraryVersions.find((name) => callee.libraryVersions.includes(name));
  if (version !== LIBRARY_VERSION || caller.maxLayer < callee.minLayer) {
    throw new CallError('unsupported-protocol', 'the two ends share no library version');
  }
  return version;
}

/**
 * What the two ends have in common.
 * @throws {CallError} `unsupported-protocol`, `no-common-endpoint`
 */
export function choose(offer: Terms, answer: Terms): Choice {
  const version = chooseVersion(offer.protocol, answer.protocol);
  const endpoints = offer.endpoints.filter(
    (one) => one.kind !== 'direct' && answer.endpoints.some((other) => sameEndpoint(one, other)),
  );
  const direct = offer.protocol.udpP2p && answer.protocol.udpP2p;
  if (endpoints.length === 0 && !direct) {
    throw new CallError('no-common-endpoint', 'the two ends share no endpoint');
  }
  return { version, endpoints, direct };
}

/** What a caller tells of the choice. */
export function choiceTerms(protocol: CallProtocol, choice: Choice): Terms {
  return {
    protocol: { ...protocol, libraryVersions: [choice.version] },
    endpoints: choice.endpoints,
  };
}

/** The endpoint as this end has named it: its own ticket, its own restrictions. */
export function asOwn(endpoint: Endpoint, { endpoints }: LocalTerms): Endpoint {
  return endpoints?.find((mine) => sameEndpoint(mine, endpoint)) ?? endpoint;
}

/** True when the two say the same. */
export function sameTerms(a: Terms, b: Terms): boolean {
  return canonicalJson(termsToJson(a)) === canonicalJson(termsToJson(b));
}

/**
 * Holds what the peer says under seal against what came in the open.
 * @throws {CallError} `downgrade` when somebody on the way has changed something;
 *   `unsupported-protocol`, `protocol-violation` when the peer asks for what cannot be
 */
export function verifySetup(
  setup: Extract<SealedMessage, { type: 'Setup' }>,
  heard: { readonly offer: Terms; readonly choice: Terms },
  choice: Choice,
): void {
  if (!sameTerms(setup.offer, heard.offer) || !sameTerms(setup.choice, heard.choice)) {
    throw new CallError('downgrade', 'what was negotiated is not what the two ends have said');
  }
  if (setup.addresses.some(({ kind }) => kind !== 'direct')) {
    throw new CallError('protocol-violation', 'the other side named addresses that are none');
  }
  if (!choice.direct && setup.addresses.length > 0) {
    throw new CallError('protocol-violation', 'the other side named addresses without consent');
  }
  for (const { name, payloadType, clockRate } of LOCAL_CODECS) {
    const theirs = setup.codecs.find((codec) => codec.name === name);
    if (theirs?.payloadType !== payloadType || theirs.clockRate !== clockRate) {
      throw new CallError('unsupported-protocol', `the other side does not receive ${name}`);
    }
  }
}
