import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { emulatedPath, NETWORK_NAMES, namedNetwork, VirtualClock } from 'sottovoce/emulation';

const networks = suite('emulation/networks');

networks('each carries most of a voice stream, and each in its way', () => {
  for (const name of NETWORK_NAMES) {
    const network = namedNetwork(name);
    assert.ok(network?.title);
    const { forward, back } = network;
    const clock = new VirtualClock();
    const path = emulatedPath({ clock, seed: 5, forward, back });
    let arrived = 0;
    path.ends[1].onDatagram(() => arrived++);
    for (let n = 0; n < 3000; n++) {
      path.ends[0].send(new Uint8Array(93));
      clock.advance(20);
    }
    clock.advance(5000);
    const share = arrived / 3000;
    assert.ok(share > 0.8 && share <= 1, `${name}: ${share}`);
  }
  assert.is(namedNetwork('moon'), undefined);
});

networks.run();
