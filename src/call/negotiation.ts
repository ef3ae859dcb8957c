import type { Endpoint } from '../transport/types.ts';
import { sameEndpoint } from './endpoints.ts';
import { CallError } from './errors.ts';
import type { CallProtocol } from './signalling.ts';

/** The version string of this package's own media: sealed packets with RTP and Opus inside. */
export const LIBRARY_VERSION: string = 'sottovoce-1';

/** The layers are relics that every client sends unchanged (calls, section 7). */
const MIN_LAYER = 65;
const MAX_LAYER = 92;

/** What this end can do. */
export function localProtocol(endpoints: readonly Endpoint[] | undefined): CallProtocol {
  return {
    minLayer: MIN_LAYER,
    maxLayer: MAX_LAYER,
    udpP2p: endpoints?.some(({ kind }) => kind === 'direct') ?? true,
    udpReflector: endpoints?.some(({ kind }) => kind === 'relay') ?? true,
    libraryVersions: [LIBRARY_VERSION],
  };
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
 * What a callee answers to an offer: the offered relays that it may use, and its own addresses if
 * the caller offered some too.
 * @param own undefined: every offered relay may be used, no own address is told
 */
export function answerEndpoints(
  offered: readonly Endpoint[],
  own: readonly Endpoint[] | undefined,
): Endpoint[] {
  const direct = offered.some(({ kind }) => kind === 'direct');
  const relays = offered.filter(
    (offer) => offer.kind === 'relay' && (own?.some((mine) => sameEndpoint(mine, offer)) ?? true),
  );
  const addresses = direct ? (own ?? []).filter(({ kind }) => kind === 'direct') : [];
  return [...relays, ...addresses];
}

/** The path of a call: what the caller connects to, and what the callee does. */
export type Path = { readonly caller: Endpoint; readonly callee: Endpoint };

/**
 * The first of the caller's endpoints that the callee can use as well: the same relay for both, or
 * each the other's address.
 * @throws {CallError} `no-common-endpoint`
 */
export function choosePath(offered: readonly Endpoint[], answered: readonly Endpoint[]): Path {
  for (const offer of offered) {
    const match = answered.find((answer) =>
      offer.kind === 'relay' ? sameEndpoint(offer, answer) : answer.kind === 'direct',
    );
    if (match) return { caller: match, callee: offer };
  }
  throw new CallError('no-common-endpoint', 'the two ends share no endpoint');
}
