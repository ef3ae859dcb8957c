// ICE over sockets of this machine.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectIce } from 'sottovoce/transport/ice';
import { openIceSockets } from 'sottovoce/transport/udp';
import { channelPair } from '../support/fake-peer-connection.js';
import { survivesLater } from '../support/odd-values.js';

const ice = suite('transport/ice over UDP');
const openSockets = () => openIceSockets({ hosts: ['127.0.0.1'] });

ice('two ends find each other, also anew', async () => {
  const channels = channelPair();
  const [caller, callee] = await Promise.all([
    connectIce({ channel: channels.caller, role: 'caller', openSockets }),
    connectIce({ channel: channels.callee, role: 'callee', openSockets }),
  ]);
  assert.is(caller.route?.local, 'host');
  const next = () => new Promise((resolve) => callee.onDatagram((data) => resolve([...data])));
  let heard = next();
  caller.send(Uint8Array.of(0x90, 1));
  assert.equal(await heard, [0x90, 1]);
  const anew = new Promise((resolve) => caller.onRoute(() => resolve(undefined)));
  callee.restart();
  await anew;
  heard = next();
  caller.send(Uint8Array.of(0x90, 2));
  assert.equal(await heard, [0x90, 2]);
  caller.close();
  callee.close();
});

ice('own addresses without loopback and link-local ones', async () => {
  const sockets = await openIceSockets();
  for (const { addresses, family } of sockets) {
    for (const { host, port } of addresses) {
      assert.is(host.includes(':'), family === 6);
      assert.not.match(host, /^(127\.|169\.254\.|::1$|fe80)/);
      assert.ok(port > 0);
    }
  }
  for (const socket of sockets) {
    socket.close();
    socket.close();
    socket.send(new Uint8Array(1), { host: '127.0.0.1', port: 9 });
  }
});

ice('bad input', async () => {
  const close = async (/** @type {any} */ options) => {
    for (const socket of await openIceSockets(options)) socket.close();
  };
  await survivesLater('options', close);
  for (const name of ['hosts', 'recvBufferSize']) {
    await survivesLater(name, (value) => close({ [name]: value }));
  }
  await survivesLater('host', (value) => close({ hosts: [value] }));
});

ice.run();
