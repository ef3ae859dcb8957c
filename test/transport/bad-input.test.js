import { suite } from 'uvu';
import { connectBy, loopbackPair, RelayTransport } from 'sottovoce/transport';
import { survives } from '../support/odd-values.js';
import { virtualClock } from '../support/virtual-clock.js';

const bad = suite('transport: bad input');
const clock = virtualClock();

bad('loopback', () => {
  survives('options', (value) => loopbackPair(value));
  for (const name of ['clock', 'delayMs', 'fate']) {
    survives(name, (value) => loopbackPair({ [name]: value }));
  }
  const [end] = loopbackPair();
  survives('data', (value) => end.send(value));
  survives('handler', (value) => end.onDatagram(value));
});

bad('through a relay', () => {
  const [transport] = loopbackPair();
  const options = { transport, peerTag: new Uint8Array(16), role: 'caller', clock };
  survives('options', (value) => new RelayTransport(value));
  for (const name of [...Object.keys(options), 'ownSuffix', 'peerSuffix']) {
    survives(name, (value) =>
      new RelayTransport(/** @type {any} */ ({ ...options, [name]: value })).close(),
    );
  }
  const path = new RelayTransport(/** @type {any} */ (options));
  survives('data', (value) => path.send(value));
  survives('handler', (value) => path.onDatagram(value));
  path.close();
});

bad('connectors', () => {
  survives('connectors', (value) => connectBy(value));
  survives('connector', (value) => connectBy({ udp: value }));
  const connect = connectBy({ udp: () => loopbackPair()[0] });
  survives('endpoint', (value) => connect(value, 'caller', /** @type {any} */ ({})));
  survives('kind', (kind) =>
    connect(/** @type {any} */ ({ kind }), 'caller', /** @type {any} */ ({})),
  );
});

bad.run();
