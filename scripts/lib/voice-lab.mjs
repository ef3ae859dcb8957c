// Two voices over an emulated path in virtual time: senders, receivers and quality loops, with the packet
// layer or without. What the first says and the second hears is measured.
import { createCallCore, PacketConnection } from 'sottovoce/call';
import { codecModel, emulatedPath, VirtualClock } from 'sottovoce/emulation';
import { QualityLoop, VoiceReceiver, VoiceSender } from 'sottovoce/internal';

const FORMAT = /** @type {const} */ ({ sampleRate: 48_000, channels: 1 });
const FRAME = 960;
const FRAME_MS = 20;
const SSRC = [2, 1];

/** Bytes that the packet layer would add, for what goes without it. */
const SEAL_BYTES = 21;

/** @typedef {import('sottovoce/emulation').LinkConditions} LinkConditions */

/** Sends bodies as they are, in the size that sealed ones have. */
function plainConnection(end, onAudio) {
  const packet = new Uint8Array(1452);
  const body = packet.subarray(SEAL_BYTES);
  end.onDatagram((data) => onAudio(data.subarray(SEAL_BYTES)));
  return {
    sendAudio(write) {
      const length = write(body);
      if (length > 0) end.send(packet.subarray(0, SEAL_BYTES + length));
    },
    close() {},
  };
}

function sealedConnection(crypto, role, clock, end, onAudio) {
  let state = 1;
  const bytes = Uint8Array.from({ length: 256 }, () => (state = (state * 75 + 74) % 65_537) & 255);
  const key = crypto.createSharedKey(bytes);
  const connection = new PacketConnection(crypto, {
    key,
    role,
    channel: 'transport',
    mode: 'typed',
    clock,
    onPacket: (packet) => end.send(packet),
    onMessage: (message) => message.type === 'audioData' && onAudio(message.data),
  });
  end.onDatagram((data) => connection.receive(data));
  return connection;
}

/**
 * @param {object} options
 * @param {number} options.seconds
 * @param {LinkConditions} options.conditions
 * @param {number} [options.seed]
 * @param {number} [options.phaseMs] when the second reads, after the first has written
 * @param {number} [options.driftPpm] by how much the first one's clock is slow
 * @param {object} [options.encoder] settings of the first one's encoder
 * @param {number} [options.redundancy]
 * @param {number} [options.frameMs]
 * @param {() => import('sottovoce/call').QualityController} [options.controller]
 * @param {boolean} [options.oneWay] only the first speaks, and nothing is reported
 * @param {boolean} [options.cipher]
 * @param {boolean} [options.record] keep the delay of every frame
 * @param {Record<number, (lab: any) => void>} [options.at] what happens before a frame is written
 * @param {(read: { now: number, delay: number, pcm: Float32Array, frame: number, receiver: any }) => void} [options.onRead]
 * @param {(frame: number) => Float32Array} [options.pcmOf]
 * @param {any} [options.codec]
 */
export async function voiceLab({
  seconds,
  conditions,
  seed = 1,
  phaseMs = 7,
  driftPpm = 0,
  encoder = {},
  redundancy = 0,
  frameMs = FRAME_MS,
  controller,
  oneWay = controller === undefined,
  cipher = false,
  record = true,
  at = {},
  onRead,
  pcmOf,
  codec = codecModel(),
}) {
  const clock = new VirtualClock();
  const path = emulatedPath({ clock, seed, forward: conditions });
  const cores = [createCallCore(), createCallCore()];
  const settings = { bitrate: 24_000, ...encoder };
  const timestamp = 1000;
  const sides = [];
  for (const i of [0, 1]) {
    const { crypto } = cores[i];
    const receive = (data) => {
      const { loop, receiver } = sides[i];
      if (!loop?.hear(data)) receiver.receive(data);
    };
    const role = i === 0 ? 'caller' : 'callee';
    const connection = cipher
      ? sealedConnection(crypto, role, clock, path.ends[i], receive)
      : plainConnection(path.ends[i], receive);
    // Of this end's own core: a packet is encoded and sealed in one memory.
    const own = typeof codec === 'function' ? codec(cores[i]) : codec;
    const voiceEncoder = await own.createEncoder(FORMAT, settings);
    const sender = new VoiceSender({
      encoder: voiceEncoder,
      connection,
      ssrc: SSRC[i],
      format: FORMAT,
      frame: FRAME,
      sequence: 65_000,
      timestamp,
      dtx: settings.dtx ?? false,
    });
    sender.redundancy = redundancy;
    sender.frameMs = frameMs;
    const receiver = new VoiceReceiver({
      decoder: await own.createDecoder(FORMAT),
      codec: own,
      clock,
      scaler: cores[i].createTimeScaler(FORMAT),
      ssrc: SSRC[1 - i],
      format: FORMAT,
      frame: FRAME,
      minDelay: 0,
    });
    const initial = {
      bitrate: 24_000,
      fec: false,
      expectedLossPercent: 0,
      dtx: false,
      ...settings,
    };
    const loop = oneWay
      ? undefined
      : new QualityLoop({
          clock,
          connection,
          sender,
          receiver,
          encoder: voiceEncoder,
          ssrc: SSRC[i],
          peerSsrc: SSRC[1 - i],
          controller: controller?.() ?? null,
          initial: { ...initial, frameMs, redundancy },
        });
    sides.push({ sender, receiver, loop, connection });
  }
  const [first, second] = sides;
  const frames = Math.round((seconds * 1000) / FRAME_MS);
  const step = FRAME_MS * (1 + driftPpm / 1e6);
  const silence = new Float32Array(FRAME);
  const pcm = new Float32Array(FRAME);
  const delays = record ? [] : undefined;
  let extended = timestamp;
  /** Where in what was said the second one is, in ticks, made-up frames counted on. */
  let position = timestamp;
  let reads = 0;
  for (let n = 0; n < frames; n++) {
    for (let next = FRAME_MS * reads + phaseMs; next < n * step; next += FRAME_MS, reads++) {
      clock.advanceTo(next);
      second.receiver.read(pcm);
      const { lastPlayed } = second.receiver;
      let delay = Number.NaN;
      position += FRAME;
      if (lastPlayed >= 0) {
        extended += (lastPlayed - extended) | 0;
        position = extended;
        // Sample `timestamp` was written with its frame at time 0 of the sender.
        const written = ((extended - timestamp) / 48) * (1 + driftPpm / 1e6);
        delay = next - written - (conditions.delayMs ?? 0);
        delays?.push(delay);
      }
      const frame = Math.round((position - timestamp) / FRAME);
      onRead?.({ now: next, delay, pcm, frame, receiver: second.receiver });
    }
    clock.advanceTo(n * step);
    at[n]?.({ path, first, second, clock });
    for (const { sender, receiver, loop } of oneWay ? [first] : sides) {
      if (sender.write(pcmOf?.(n) ?? silence)) loop?.wrote();
      if (receiver === first.receiver && !oneWay) receiver.read();
    }
  }
  const { receiver } = second;
  const { playout } = receiver;
  const { report } = first.loop ?? {};
  const result = {
    playout: { ...playout },
    path: { ...path.forward },
    frames,
    report,
    decision: first.loop?.decision,
    dropped: second.connection.stats?.dropped ?? 0,
    targetMs: receiver.targetDelayMs,
    stretchedMs: receiver.stretchedMs,
    delays: Float64Array.from(delays ?? []),
    memory: cores.reduce((sum, { memory }) => sum + memory.byteLength, 0),
    late: playout.late / frames,
    concealed: receiver.concealed / frames,
  };
  for (const { loop, connection, receiver, sender } of sides) {
    loop?.close();
    connection.close();
    receiver.close();
    sender.close();
  }
  for (const core of cores) core.close();
  return result;
}

/** @param {Float64Array} values @param {number} share 0..1 */
export const quantile = (values, share) =>
  values.slice().sort()[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN;
