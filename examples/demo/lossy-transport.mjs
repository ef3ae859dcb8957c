// A network that loses datagrams, the same ones in every run, and counts them for the media clock.

/** @typedef {import('sottovoce/transport').DatagramTransport} DatagramTransport */

/**
 * Wraps a transport: of the datagrams that arrive so many per cent are lost.
 * @param {DatagramTransport} inner
 * @param {{ percent: number, seed: number, onSent(): void, onArrived(): void }} options
 * @returns {DatagramTransport & { lost: number }}
 */
export function lossyTransport(inner, { percent, seed, onSent, onArrived }) {
  const random = randomNumbers(seed);
  const transport = {
    lost: 0,
    /** @param {Uint8Array} data */
    send(data) {
      onSent();
      inner.send(data);
    },
    /** @param {(data: Uint8Array) => void} handler */
    onDatagram(handler) {
      inner.onDatagram((data) => {
        onArrived(); // it had arrived at the socket: the buffer has room again
        if (percent > 0 && random() * 100 < percent) transport.lost++;
        else handler(data);
      });
    },
    close() {
      inner.close();
    },
  };
  return transport;
}

/** Numbers in 0..1 from a seed: xorshift32 (Marsaglia 2003). @param {number} seed @returns {() => number} */
function randomNumbers(seed) {
  let state = seed | 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 8; i++) next(); // a small seed takes some rounds to spread
  return next;
}
