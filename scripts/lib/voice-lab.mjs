// One direction of a call in virtual time: sender, emulated path, receiver, without the packet layer.
import { createCallCore } from 'sottovoce/call';
import { codecModel, emulatedPath, VirtualClock } from 'sottovoce/emulation';
import { VoiceReceiver, VoiceSender } from 'sottovoce/internal';

const FORMAT = { sampleRate: 48_000, channels: 1 };
const FRAME = 960;
const FRAME_MS = 20;

export function voiceLab({
  seconds,
  conditions,
  seed = 1,
  phaseMs = 7,
  driftPpm = 0,
  encoder = {},
  redundancy = 0,
  frameMs = FRAME_MS,
  codec = codecModel(),
  timestamp = 1000,
  sequence = 65_000,
  at = {},
  onRead,
  pcmOf,
  record = true,
}) {
  const clock = new VirtualClock();
  const path = emulatedPath({ clock, seed, forward: conditions });
  const core = createCallCore();
  const buffer = new Uint8Array(1400);
  const sender = new VoiceSender({
    encoder: codec.createEncoder(FORMAT, encoder),
    connection: { sendAudio: (write) => path.ends[0].send(buffer.subarray(0, write(buffer))) },
    ssrc: 2,
    format: FORMAT,
    frame: FRAME,
    sequence,
    timestamp,
    dtx: encoder.dtx ?? false,
  });
  sender.redundancy = redundancy;
  sender.frameMs = frameMs;
  const receiver = new VoiceReceiver({
    decoder: codec.createDecoder(FORMAT),
    codec,
    clock,
    scaler: core.createTimeScaler(FORMAT),
    ssrc: 2,
    format: FORMAT,
    frame: FRAME,
    minDelay: 0,
  });
  path.ends[1].onDatagram((data) => receiver.receive(data));
  const frames = Math.round((seconds * 1000) / FRAME_MS);
  const step = FRAME_MS * (1 + driftPpm / 1e6);
  const pcm = new Float32Array(FRAME);
  const out = new Float32Array(FRAME);
  const delays = record ? [] : undefined;
  let extended = timestamp;
  let reads = 0;
  for (let n = 0; n < frames; n++) {
    for (let next = FRAME_MS * reads + phaseMs; next < n * step; next += FRAME_MS, reads++) {
      clock.advanceTo(next);
      receiver.read(out);
      if (receiver.lastPlayed < 0) {
        onRead?.(next, Number.NaN, out, receiver);
        continue;
      }
      extended += (receiver.lastPlayed - extended) | 0;
      // Sample `timestamp` was written with its frame at time 0 of the sender.
      const written = ((extended - timestamp) / 48) * (1 + driftPpm / 1e6);
      const delay = next - written - (conditions.delayMs ?? 0);
      delays?.push(delay);
      onRead?.(next, delay, out, receiver);
    }
    clock.advanceTo(n * step);
    at[n]?.({ path, sender, receiver, clock });
    sender.write(pcmOf ? pcmOf(n) : pcm);
  }
  const { playout } = receiver;
  receiver.close();
  const sorted = Float64Array.from(delays ?? []).sort();
  return {
    playout,
    path: path.forward,
    receiver,
    frames,
    delays,
    median: sorted[sorted.length >> 1],
    p95: sorted[Math.floor(sorted.length * 0.95)],
    memory: core.memory.byteLength,
    late: playout.late / frames,
    concealed: receiver.concealed / frames,
  };
}
