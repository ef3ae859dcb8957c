import type { Clock } from '../core/clock.ts';
import type { RandomSource } from '../core/random.ts';
import { encodeUtf8 } from '../core/utf8.ts';
import type { Hmac } from '../crypto/index.ts';
import { type Address, canonicalHost } from '../relay/address.ts';
import type { Candidate, CandidateType } from './candidate.ts';
import {
  type Base,
  candidatePriority,
  foundationOf,
  isPrivateHost,
  type Pair,
  pairPriority,
} from './ice-pair.ts';
import type { IceCredentials, IceRoute, IceServers, IceSocket } from './ice-types.ts';
import {
  ATTRIBUTE,
  addressOf,
  attributeOf,
  isStun,
  METHOD,
  numberOf,
  parseStun,
  type StunAttribute,
  type StunCodec,
  type StunMessage,
  textOf,
  uint32,
  xorAddress,
} from './stun.ts';
import { type IsGenuine, type RetryPlan, SERVER_PLAN, Transactions } from './stun-transactions.ts';
import { TurnAllocation } from './turn.ts';

/** What one generation of ICE needs. */
export type IceAgentOptions = {
  /** The caller controls (RFC 8445, 6.1.1). */
  readonly controlling: boolean;
  readonly sockets: readonly IceSocket[];
  readonly servers: IceServers;
  /** Only allocations are used, and told. */
  readonly relayOnly: boolean;
  readonly credentials: IceCredentials;
  readonly codec: StunCodec;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** A candidate of this end, for the peer. */
  onCandidate(candidate: Candidate): void;
  /** A datagram that is no check; borrowed. */
  onData(data: Uint8Array): void;
  /** The first pair is there, or another one is used. */
  onRoute(): void;
  /** No pair answers any more. Told once. */
  onLost(): void;
};

/** Between two checks (RFC 8445, 14.2, allows down to 5). */
const PACE_MS = 20;
/** Gives up on a pair after 7.5 s. */
const CHECK_PLAN: RetryPlan = { firstMs: 500, sends: 4, lastMs: 4000 };
/** One question without repetition, to see whether a pair is alive. */
const PROBE_PLAN: RetryPlan = { firstMs: 500, sends: 1, lastMs: 2000 };
/** How often the pairs are looked at once one is used. */
const WATCH_MS = 100;
/** The used pair is silent for so long: all are asked. */
const SILENCE_MS = 400;
/** The used pair did not answer for so long, and another one did: that is used. Or 1.5 round trips. */
const DEAD_MS = 200;
/** In silence, each pair is asked so often. */
const PROBE_MS = 200;
/** All are silent for so long and two round trips: the generation is over. */
const LOST_MS = 800;
/** The used pair is asked, whether it is silent or not: consent (RFC 7675) and its round trip. */
const CONSENT_MS = 2500;
/** The others are kept open at the NATs (RFC 8445, 11, wants less than 15 s). */
const KEEP_ALIVE_MS = 8000;
/** One that has not answered for so long may be dead. */
const STALE_MS = KEEP_ALIVE_MS + 2500;
/** What did not work is tried again: networks come back. */
const RETRY_MS = 10_000;
const MAX_PAIRS = 64;
const MAX_REMOTE = 32;
const MAX_SERVERS = 4;

const keyOf = (host: string, port: number): string => `${host} ${port}`;
const sourceOf = (base: Base, host: string, port: number): string =>
  `${base.index} ${canonicalHost(host)} ${port}`;

/**
 * Finds the pairs of addresses by which two ends reach each other, and keeps watch over them: candidates
 * and checks of RFC 8445 for one component over UDP. All pairs are checked side by side, data takes the
 * best that has answered, from the first one on. Without I/O of its own.
 */
export class IceAgent {
  /** Checks of others than the peer, forged, malformed or in excess. */
  refused = 0;
  readonly #options: IceAgentOptions;
  readonly #transactions: Transactions;
  readonly #bases: Base[] = [];
  readonly #allocations: TurnAllocation[] = [];
  readonly #remotes: Candidate[] = [];
  readonly #pairs: Pair[] = [];
  /** Pairs by base and address, for every datagram that comes. */
  readonly #byAddress: Map<string, Pair>[] = [];
  readonly #urgent: Pair[] = [];
  /** Allocations that their servers gave up. */
  readonly #gone: Set<Base> = new Set();
  readonly #tieBreaker: Uint8Array = new Uint8Array(8);
  readonly #localKey: Hmac;
  #remoteKey: Hmac | undefined;
  #remote: IceCredentials | undefined;
  #used: Pair | undefined;
  #nominations = 0;
  #silentSince = 0;
  #cancelPace: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;
  #closed = false;

  /** Asks the servers at once. */
  constructor(options: IceAgentOptions) {
    this.#options = options;
    this.#transactions = new Transactions(options.clock, options.random);
    this.#localKey = options.codec.createKey(encodeUtf8(options.credentials.pwd));
    options.random(this.#tieBreaker);
    for (const socket of options.sockets) this.#open(socket);
  }

  /** How datagrams travel; undefined before there is a way. */
  get route(): IceRoute | undefined {
    const used = this.#used;
    if (!used) return undefined;
    const { base, remote, roundTripMs } = used;
    const { host, port, type } = remote;
    return { local: base.type, remote: type, address: { host, port }, roundTripMs };
  }

  /** Sends a datagram to the peer. @returns false when there is no way yet */
  send(data: Uint8Array): boolean {
    const used = this.#used;
    if (!used || this.#closed) return false;
    used.base.send(data, used.remote);
    return true;
  }

  /** Takes the peer's credentials: checks can start. Once. */
  setRemote(credentials: IceCredentials): void {
    if (this.#remote || this.#closed) return;
    this.#remote = credentials;
    this.#remoteKey = this.#options.codec.createKey(encodeUtf8(credentials.pwd));
    this.#pace();
  }

  /** Takes a candidate of the peer. */
  addRemote(candidate: Candidate): void {
    const known = this.#remotes.some(
      ({ host, port }) => host === candidate.host && port === candidate.port,
    );
    if (this.#closed || known) return;
    if (this.#remotes.length >= MAX_REMOTE) {
      this.refused++;
      return;
    }
    this.#remotes.push(candidate);
    for (const base of this.#bases) this.#join(base, candidate);
    this.#pace();
  }

  /** Closes sockets and allocations. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelPace?.();
    this.#cancelWatch?.();
    this.#transactions.close();
    for (const allocation of this.#allocations) allocation.close();
    for (const socket of this.#options.sockets) socket.close();
    this.#localKey.close();
    this.#remoteKey?.close();
  }

  // --- Gathering ---

  #open(socket: IceSocket): void {
    const { servers, relayOnly } = this.#options;
    const base: Base = {
      type: 'host',
      family: socket.family,
      isPrivate: true,
      index: this.#bases.length,
      send: (data, to) => socket.send(data, to),
    };
    const six = socket.family === 6;
    const reachable = (server: Address): boolean => server.host.includes(':') === six;
    const allocations = new Map<string, TurnAllocation>();
    socket.onDatagram((data, from) => {
      if (this.#closed) return;
      const host = canonicalHost(from.host) ?? from.host;
      const allocation = allocations.get(keyOf(host, from.port));
      if (allocation?.receive(data)) return;
      this.#receive(base, data, { host, port: from.port });
    });
    this.#addBase(base);
    if (!relayOnly) {
      for (const address of socket.addresses) this.#tell('host', base, address);
      for (const server of servers.stun.filter(reachable).slice(0, MAX_SERVERS)) {
        this.#askServer(base, server);
      }
    }
    for (const server of servers.turn.filter(reachable).slice(0, MAX_SERVERS)) {
      const host = canonicalHost(server.host) ?? server.host;
      allocations.set(keyOf(host, server.port), this.#allocate(base, server));
    }
  }

  #addBase(base: Base): void {
    this.#bases.push(base);
    this.#byAddress[base.index] = new Map();
    for (const remote of this.#remotes) this.#join(base, remote);
  }

  #tell(type: CandidateType, base: Base, { host, port }: Address): void {
    const priority = candidatePriority(type, base.family, base.index);
    const foundation = foundationOf(type, base.family, base.index);
    this.#options.onCandidate({ type, foundation, priority, host, port });
  }

  #askServer(base: Base, server: Address): void {
    const { codec } = this.#options;
    const id = this.#transactions.createId();
    const request = codec.encode(
      { method: METHOD.binding, kind: 'request', transactionId: id, attributes: [] },
      undefined,
      true,
    );
    const transmit = (): void => base.send(request, server);
    const expected = sourceOf(base, server.host, server.port);
    const isGenuine: IsGenuine = (_response, _data, source) => source === expected;
    this.#transactions.start(id, transmit, SERVER_PLAN, isGenuine, (response) => {
      const mapped = response && addressOf(response, ATTRIBUTE.xorMappedAddress);
      if (mapped) this.#tell('srflx', base, mapped);
    });
  }

  #allocate(under: Base, server: IceServers['turn'][number]): TurnAllocation {
    const { codec, clock, random, relayOnly } = this.#options;
    const allocation: TurnAllocation = new TurnAllocation({
      server,
      codec,
      clock,
      random,
      send: (data) => under.send(data, server),
      onAllocated: (relayed, mapped) => {
        const base: Base = {
          type: 'relay',
          family: relayed.host.includes(':') ? 6 : 4,
          isPrivate: isPrivateHost(relayed.host),
          index: this.#bases.length,
          send: (data, to) => allocation.sendTo(data, to),
          bind: (to) => allocation.bind(to),
        };
        relay = base;
        this.#addBase(base);
        if (mapped && !relayOnly) this.#tell('srflx', under, mapped);
        this.#tell('relay', base, relayed);
        this.#pace();
      },
      onData: (data, from) => {
        if (relay) this.#receive(relay, data, from);
      },
      onLost: () => {
        if (relay) this.#discard(relay);
      },
    });
    let relay: Base | undefined;
    this.#allocations.push(allocation);
    return allocation;
  }

  /** A base that is gone takes its pairs along. */
  #discard(base: Base): void {
    this.#gone.add(base);
    for (const pair of this.#pairs) if (pair.base === base) pair.state = 'failed';
    if (this.#used?.base === base) this.#choose();
  }

  // --- Pairs and checks ---

  #join(base: Base, remote: Candidate): Pair | undefined {
    const { controlling, relayOnly } = this.#options;
    const family = remote.host.includes(':') ? 6 : 4;
    if (base.family !== family || (relayOnly && base.type !== 'relay')) return undefined;
    // A public TURN server reaches no home network, need not learn of it, and coturn gives up an
    // allocation whose datagram found no route.
    if (!base.isPrivate && isPrivateHost(remote.host)) return undefined;
    if (this.#pairs.length >= MAX_PAIRS) {
      this.refused++;
      return undefined;
    }
    const own = candidatePriority(base.type, base.family, base.index);
    const pair: Pair = {
      base,
      remote,
      priority: controlling
        ? pairPriority(own, remote.priority)
        : pairPriority(remote.priority, own),
      state: 'waiting',
      nominated: 0,
      heardAt: -Infinity,
      answeredAt: -Infinity,
      askedAt: -Infinity,
      roundTripMs: 0,
    };
    this.#pairs.push(pair);
    this.#byAddress[base.index]!.set(keyOf(remote.host, remote.port), pair);
    return pair;
  }

  /** Starts one check after the other, the peer's wishes first, then the best. */
  #pace(): void {
    if (this.#cancelPace || this.#closed || !this.#remote) return;
    let next = this.#urgent.shift();
    if (!next) {
      for (const pair of this.#pairs) {
        if (pair.state === 'waiting' && (!next || pair.priority > next.priority)) next = pair;
      }
    }
    if (!next) return;
    if (next.state !== 'valid') next.state = 'checking';
    this.#check(next, CHECK_PLAN, 0);
    this.#cancelPace = this.#options.clock.setTimer(PACE_MS, () => {
      this.#cancelPace = undefined;
      this.#pace();
    });
  }

  /** @param nomination its count; 0 asks only */
  #check(pair: Pair, plan: RetryPlan, nomination: number): void {
    const { codec, clock, controlling, credentials } = this.#options;
    const { base, remote } = pair;
    const id = this.#transactions.createId();
    const role = controlling ? ATTRIBUTE.iceControlling : ATTRIBUTE.iceControlled;
    const attributes: StunAttribute[] = [
      [ATTRIBUTE.username, encodeUtf8(`${this.#remote!.ufrag}:${credentials.ufrag}`)],
      [ATTRIBUTE.priority, uint32(candidatePriority('prflx', base.family, base.index))],
      [role, this.#tieBreaker],
    ];
    if (nomination > 0) attributes.push([ATTRIBUTE.useCandidate, new Uint8Array(0)]);
    const content = {
      method: METHOD.binding,
      kind: 'request' as const,
      transactionId: id,
      attributes,
    };
    const request = codec.encode(content, this.#remoteKey, true);
    const sent = clock.now();
    const transmit = (): void => {
      pair.askedAt = clock.now();
      base.send(request, remote);
    };
    // From where it was sent to, by the base that it left from (RFC 8445, 7.2.5.2.1), and sealed.
    const expected = sourceOf(base, remote.host, remote.port);
    const isGenuine: IsGenuine = (response, data, source) =>
      source === expected && codec.verify(data, response, this.#remoteKey!);
    this.#transactions.start(id, transmit, plan, isGenuine, (response) => {
      if (this.#closed) return;
      if (response?.kind !== 'success') {
        if (pair.state === 'checking') pair.state = 'failed';
        return;
      }
      const now = clock.now();
      pair.roundTripMs = now - sent;
      pair.heardAt = now;
      pair.answeredAt = now;
      if (nomination > 0) pair.nominated = nomination;
      this.#becomeValid(pair);
    });
  }

  #becomeValid(pair: Pair): void {
    const fresh = pair.state !== 'valid';
    pair.state = 'valid';
    if (!this.#used) this.#watch();
    if (fresh || !this.#used) this.#choose();
  }

  /** Whether it has answered lately, or was heard. */
  #alive(pair: Pair): boolean {
    if (pair.state !== 'valid') return false;
    if (pair !== this.#used) return this.#options.clock.now() - pair.answeredAt < STALE_MS;
    if (this.#silentSince === 0) return true;
    return Math.max(pair.answeredAt, pair.heardAt) >= this.#silentSince;
  }

  /** The best of those that live; the controlled end follows the choice of the other (RFC 8445, 8). */
  #choose(): void {
    const { controlling } = this.#options;
    let best: Pair | undefined;
    for (const pair of this.#pairs) {
      if (!this.#alive(pair)) continue;
      if (!best) best = pair;
      else if (!controlling && pair.nominated !== best.nominated) {
        if (pair.nominated > best.nominated) best = pair;
      } else if (pair.priority > best.priority) best = pair;
    }
    if (!best || best === this.#used) return;
    this.#use(best);
  }

  #use(pair: Pair): void {
    this.#used = pair;
    this.#silentSince = 0;
    pair.base.bind?.(pair.remote);
    if (this.#options.controlling) this.#check(pair, CHECK_PLAN, ++this.#nominations);
    this.#options.onRoute();
  }

  /** Looks after the pairs for as long as the generation lives. */
  #watch(): void {
    if (this.#cancelWatch) return;
    const { clock } = this.#options;
    const look = (): void => {
      this.#cancelWatch = clock.setTimer(WATCH_MS, look);
      const now = clock.now();
      const used = this.#used;
      if (!used) return;
      const silent = now - used.heardAt >= SILENCE_MS;
      if (!silent) this.#silentSince = 0;
      else if (this.#silentSince === 0) this.#silentSince = now;
      for (const pair of this.#pairs) {
        if (
          pair.state === 'failed' &&
          now - pair.askedAt >= RETRY_MS &&
          !this.#gone.has(pair.base)
        ) {
          pair.state = 'waiting';
          this.#pace();
        }
        if (pair.state !== 'valid') continue;
        const every = silent ? PROBE_MS : pair === used ? CONSENT_MS : KEEP_ALIVE_MS;
        if (now - pair.askedAt >= every) this.#check(pair, PROBE_PLAN, 0);
      }
      const patience = Math.max(DEAD_MS, 1.5 * used.roundTripMs);
      if (silent && now - this.#silentSince >= patience) this.#leave(used, now);
    };
    this.#cancelWatch = clock.setTimer(WATCH_MS, look);
  }

  /** The used pair is dead: another that has answered since takes its place, or there is none. */
  #leave(used: Pair, now: number): void {
    let best: Pair | undefined;
    for (const pair of this.#pairs) {
      if (pair === used || pair.state !== 'valid' || pair.answeredAt < this.#silentSince) continue;
      if (!best || pair.priority > best.priority) best = pair;
    }
    if (best) {
      used.nominated = 0;
      used.state = 'waiting'; // may come back
      this.#use(best);
      this.#pace();
    } else if (now - used.heardAt >= LOST_MS + 2 * used.roundTripMs) {
      this.#cancelWatch?.();
      this.#cancelWatch = undefined;
      this.#options.onLost();
    }
  }

  // --- What arrives ---

  #receive(base: Base, data: Uint8Array, from: Address): void {
    const pair = this.#byAddress[base.index]!.get(keyOf(from.host, from.port));
    if (!isStun(data)) {
      // Nobody is believed who has not answered a check, or asked with the right key.
      if (!pair || (pair.state !== 'valid' && pair.heardAt === -Infinity)) {
        this.refused++;
        return;
      }
      pair.heardAt = this.#options.clock.now();
      this.#options.onData(data);
      return;
    }
    const message = parseStun(data);
    if (message?.method !== METHOD.binding) this.refused++;
    else if (message.kind === 'request') this.#answer(base, message, data, from, pair);
    else if (message.kind !== 'indication') {
      const source = sourceOf(base, from.host, from.port);
      if (!this.#transactions.answer(message, data, source)) this.refused++;
    }
  }

  #answer(
    base: Base,
    request: StunMessage,
    data: Uint8Array,
    from: Address,
    known: Pair | undefined,
  ): void {
    const { codec, controlling, credentials, relayOnly, clock } = this.#options;
    const { transactionId } = request;
    const name = textOf(request, ATTRIBUTE.username);
    const role = controlling ? ATTRIBUTE.iceControlled : ATTRIBUTE.iceControlling;
    const fits =
      name?.startsWith(`${credentials.ufrag}:`) &&
      !(relayOnly && base.type !== 'relay') &&
      codec.hasFingerprint(data, request) &&
      codec.verify(data, request, this.#localKey) &&
      attributeOf(request, role)?.length === 8; // the call settles who controls
    if (!fits) {
      this.refused++;
      return;
    }
    let pair = known;
    if (!pair) {
      const priority = numberOf(request, ATTRIBUTE.priority) ?? 0;
      if (this.#remotes.length >= 2 * MAX_REMOTE) {
        this.refused++;
        return;
      }
      const candidate: Candidate = {
        type: 'prflx',
        foundation: 'prflx',
        priority: Math.min(Math.max(priority, 1), 0x7fffffff),
        ...from,
      };
      this.#remotes.push(candidate);
      pair = this.#join(base, candidate);
      if (!pair) return;
    }
    const content = {
      method: METHOD.binding,
      kind: 'success' as const,
      transactionId,
      attributes: [[ATTRIBUTE.xorMappedAddress, xorAddress(from, transactionId)]] as const,
    };
    base.send(codec.encode(content, this.#localKey, true), from);
    pair.heardAt = clock.now();
    if (!controlling && attributeOf(request, ATTRIBUTE.useCandidate)) {
      pair.nominated = ++this.#nominations;
      if (pair.state === 'valid') this.#choose();
    }
    if (pair.state !== 'valid') {
      if (!this.#urgent.includes(pair)) this.#urgent.push(pair); // a triggered check (RFC 8445, 7.3.1.4)
      this.#pace();
    }
  }
}
