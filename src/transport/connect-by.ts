import { checkFunction, checkOptions } from '../core/checks.ts';
import { TransportError } from './errors.ts';
import type { RelayRole } from './relay-answer.ts';
import type { DatagramTransport, Endpoint, PathContext } from './types.ts';

/** Opens a path to one kind of endpoint, as the `connect` option of a call does. */
export type Connector = (
  endpoint: Endpoint,
  role: RelayRole,
  context: PathContext,
) => DatagramTransport | Promise<DatagramTransport>;

/** What opens which endpoints: relays by their protocol, the others by their kind. */
export type Connectors = {
  /** Relays that are reached by UDP. */
  readonly udp?: Connector;
  /** Relays that are reached by TCP. */
  readonly tcp?: Connector;
  /** Relays that are reached by WebSocket. */
  readonly websocket?: Connector;
  /** Addresses of the peer. */
  readonly direct?: Connector;
  /** Data channels. */
  readonly webrtc?: Connector;
  /** ICE over UDP. */
  readonly ice?: Connector;
};

const NAMES = ['udp', 'tcp', 'websocket', 'direct', 'webrtc', 'ice'];
const fail = (message: string): TransportError => new TransportError('bad-argument', message);

/**
 * One `connect` option for a call whose endpoints are of several kinds. An endpoint that nothing is
 * given for cannot be opened here: the call takes the others.
 * @throws {TransportError} `bad-argument`; the result throws it for an endpoint without a connector
 * @example
 * const connect = connectBy({ udp: connectUdp, tcp: connectTcp, websocket: connectWebSocket });
 * const call = await Call.outgoing({ signalling, endpoints, connect });
 */
export function connectBy(connectors: Connectors): Connector {
  checkOptions(connectors, NAMES, fail);
  const table = { ...connectors };
  for (const [name, connector] of Object.entries(table)) checkFunction(name, connector, fail);
  return (endpoint, role, context) => {
    const name = endpoint?.kind === 'relay' ? (endpoint.protocol ?? 'udp') : endpoint?.kind;
    const connector = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!connector) throw fail(`"endpoint" expected one of ${Object.keys(table).join(', ')}`);
    return connector(endpoint, role, context);
  };
}
