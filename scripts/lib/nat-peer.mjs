// One end of a call, or a relay, in a network namespace of scripts/check-nat.mjs, which passes the
// signalling and hears the report by the process's message channel.
import process from 'node:process';
import { Call } from 'sottovoce/call';
import { serveRelay } from 'sottovoce/relay/server';
import { connectIce } from 'sottovoce/transport/ice';
import { connectWebRtc } from 'sottovoce/transport/webrtc';
import { connectUdp, openIceSockets } from 'sottovoce/transport/udp';
import { codecModel } from '../../test/support/calls.js';

const say = (message) => process.send?.(message);
const now = () => performance.now();

async function relay({ host, port, tags }) {
  const server = await serveRelay({ host, port, bases: tags });
  say({ ready: true });
  return () => say({ forwarded: server.stats.forwarded });
}

async function end({ role, servers, iceServers, endpoints, p2p, timeouts }) {
  /** @type {((message: any) => void) | undefined} */
  let hear;
  /** @type {any[]} */
  const early = [];
  process.on('message', ({ signal }) => signal && (hear ? hear(signal) : early.push(signal)));
  const paths = /** @type {any[]} */ ([]);
  const told = /** @type {string[]} */ ([]);
  const options = {
    signalling: {
      send: (signal) => say({ signal }),
      onMessage(handler) {
        hear = handler;
        for (const signal of early.splice(0)) handler(signal);
      },
      close() {},
    },
    endpoints,
    p2p,
    timeouts,
    codec: codecModel,
    playoutDelayMs: 60,
    async connect(endpoint, who, context) {
      if (endpoint.kind === 'relay') return connectUdp(endpoint, who);
      const channel = {
        send(text) {
          told.push(text);
          context.channel.send(text);
        },
        onMessage: (handler) => context.channel.onMessage(handler),
      };
      if (endpoint.kind === 'webrtc') {
        const { nodeDatachannel } = await import('../../test/adapters/clients/packages.mjs');
        const { RTCPeerConnection } = await nodeDatachannel();
        const { p2p } = context;
        return connectWebRtc({ channel, p2p, role: who, iceServers, RTCPeerConnection });
      }
      const openSockets = () => openIceSockets();
      const path = await connectIce({ channel, p2p: context.p2p, role: who, openSockets, servers });
      paths.push(path);
      return path;
    },
  };
  const call = role === 'caller' ? await Call.outgoing(options) : await Call.incoming(options);
  const started = now();
  let activeAt = 0;
  call.on('state', (state) => {
    if (state === 'incoming') call.accept();
    if (state === 'active') activeAt ||= now();
    say({ state });
  });
  let frame = 0;
  let fresh = 0;
  let last = 0;
  let gap = 0;
  /** Frames are due by the clock, however late the timer is. */
  const timer = setInterval(() => {
    if (!activeAt) return;
    for (const due = (now() - activeAt) / 20; frame < due; frame++) {
      call.write(new Float32Array(960).fill(frame));
      const heard = call.read()[0];
      if (heard <= 0 && heard > -1000) continue; // silence, or made up; below: from redundancy
      if (last) gap = Math.max(gap, now() - last);
      last = now();
      fresh++;
    }
  }, 10);
  process.on('message', ({ question }) => {
    if (question === 'report') {
      const path = paths.at(-1);
      say({
        report: {
          state: call.state,
          error: call.end?.error?.message,
          connectMs: activeAt && activeAt - started,
          frames: frame,
          fresh,
          gapMs: last ? Math.max(gap, now() - last) : Number.POSITIVE_INFINITY,
          route: path?.route,
          ice: path?.stats,
          told,
        },
      });
    } else if (question === 'count anew') {
      gap = 0;
      fresh = 0;
      frame = Math.floor((now() - activeAt) / 20);
      activeAt = now() - frame * 20;
    } else if (question === 'end') {
      clearInterval(timer);
      call.close();
      process.disconnect();
      setTimeout(() => process.exit(0), 500).unref(); // native threads may hold it
    }
  });
  if (role === 'caller') call.start();
}

process.once('message', async ({ begin }) => {
  if (begin.role !== 'relay') return end(begin);
  const report = await relay(begin);
  process.on('message', ({ question }) => {
    if (question === 'end') process.exit(0);
    report();
  });
});
say({ up: true });
