// A transport behind a named network: what arrives has passed an emulated link.
import { emulatedPath, namedNetwork } from 'sottovoce/emulation';

/** @typedef {import('sottovoce/transport').DatagramTransport} DatagramTransport */

/**
 * @param {DatagramTransport} inner
 * @param {{ name: string, role: 'caller' | 'callee', seed: number, clock: import('sottovoce/call').Clock }} options
 * @returns {DatagramTransport & { readonly lost: number }}
 */
export function impairedTransport(inner, { name, role, seed, clock }) {
  const network = namedNetwork(name);
  if (!network) throw new Error(`no network "${name}"`);
  // The callee hears what went forward.
  const conditions = role === 'callee' ? network.forward : network.back;
  const path = emulatedPath({ clock, seed, forward: conditions });
  const [near, far] = path.ends;
  inner.onDatagram((data) => near.send(data));
  return {
    get lost() {
      const { lost, cut, dropped } = path.forward;
      return lost + cut + dropped;
    },
    send: (data) => inner.send(data),
    onDatagram: (handler) => far.onDatagram(handler),
    close() {
      near.close();
      far.close();
      inner.close();
    },
  };
}
