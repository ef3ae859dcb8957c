// One end of a call, the same in a page and in Node: says what it is given, returns what it has heard.
import { Call, webSocketSignalling } from 'sottovoce/call';
import { connectWebSocket } from 'sottovoce/transport';
import { connectWebRtc } from 'sottovoce/transport/webrtc';

const FRAME = 960;

/**
 * @param {object} job
 * @param {'caller' | 'callee'} job.role
 * @param {string} job.signalling address of the server
 * @param {string} job.token of the room
 * @param {any[]} job.endpoints
 * @param {Float32Array} pcm mono, 48 kHz
 * @param {{ WebSocket?: any, RTCPeerConnection?: any }} runtime what the scope does not have by itself
 */
export async function runEnd({ role, signalling: url, token, endpoints }, pcm, runtime) {
  const { WebSocket, RTCPeerConnection } = runtime;
  const socket = WebSocket ? { WebSocket } : {};
  const signalling = webSocketSignalling(url, token, socket);
  const options = {
    signalling,
    // One delay from the first frame to the last, so that the copy can be laid over the input.
    playoutDelayMs: 600,
    fixedPlayout: true,
    endpoints: endpoints.map(({ peerTag, ...rest }) =>
      peerTag ? { ...rest, peerTag: Uint8Array.from(peerTag) } : rest,
    ),
    connect(endpoint, who, context) {
      if (endpoint.kind !== 'webrtc') return connectWebSocket(endpoint, who, socket);
      const own = RTCPeerConnection ? { RTCPeerConnection } : {};
      return connectWebRtc({ channel: context.channel, p2p: context.p2p, role: who, ...own });
    },
  };
  const call = role === 'caller' ? await Call.outgoing(options) : await Call.incoming(options);
  const started = performance.now();
  const active = new Promise((resolve, reject) => {
    const enter = (/** @type {string} */ state) => {
      if (state === 'incoming') call.accept();
      if (state === 'active') resolve(undefined);
      if (state === 'ended') reject(call.end?.error ?? new Error(`ended: ${call.end?.reason}`));
    };
    call.on('state', enter);
    enter(call.state); // the request may have come before there was somebody to hear of it
  });
  if (role === 'caller') call.start();
  await active;
  const connectMs = performance.now() - started;
  const emojis = call.emojis?.join(' ');
  const frames = Math.ceil(pcm.length / FRAME);
  const heard = new Float32Array((frames + 50) * FRAME);
  const frame = new Float32Array(FRAME);
  const begun = performance.now();
  // Frames are due by the clock, however late the timer is; a second more for what is under way.
  for (let n = 0; n < frames + 50; ) {
    for (; n < frames + 50 && n < (performance.now() - begun) / 20; n++) {
      frame.fill(0);
      frame.set(pcm.subarray(n * FRAME, (n + 1) * FRAME));
      call.write(frame);
      heard.set(call.read(), n * FRAME);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const stats = call.stats();
  // The caller hangs up last, so that both have heard all.
  await new Promise((resolve) => setTimeout(resolve, role === 'caller' ? 700 : 0));
  call.close();
  return { heard, report: { connectMs, emojis, packets: stats.packets, state: call.state } };
}
