// The data-channel transport on node-datachannel, over loopback.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectWebRtc } from 'sottovoce/transport/webrtc';
import { channelPair } from '../support/fake-peer-connection.js';

const { nodeDatachannel } = await import(
  new URL('../adapters/clients/packages.mjs', import.meta.url).href
);
const { RTCPeerConnection } = await nodeDatachannel();
const real = suite('transport/webrtc on node-datachannel');

real('datagrams both ways, across a restart, until the other end closes', async () => {
  const channels = channelPair();
  const [callee, caller] = await Promise.all([
    connectWebRtc({ channel: channels.callee, role: 'callee', RTCPeerConnection }),
    connectWebRtc({ channel: channels.caller, role: 'caller', RTCPeerConnection }),
  ]);
  const heard = { caller: 0, callee: 0 };
  caller.onDatagram((data) => (heard.caller += data.length));
  callee.onDatagram((data) => (heard.callee += data.length));
  const before = channels.seen.length;
  for (let i = 0; i < 60; i++) {
    if (i === 10) caller.restart();
    caller.send(new Uint8Array(160));
    callee.send(new Uint8Array(100));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(channels.seen.length > before); // a second connection took over
  assert.equal([heard.callee, heard.caller], [60 * 160, 60 * 100]);
  const gone = new Promise((resolve) => callee.onClose(() => resolve(undefined)));
  caller.close();
  await gone;
  callee.close();
});

real.run();
