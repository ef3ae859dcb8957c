// Our decoder beside two builds of libopus. A session: packets by an encoder whose settings jump at
// random, repacked, mutated, some lost; all three decode them at a random rate. They must agree on what is
// a packet, on sample counts and final ranges, and on the PCM until something was concealed.
import * as libopus from 'libopus-wasm';
import { createOpus, ownEngine } from 'sottovoce/opus';
import { evan } from '../../bench/contestants/evan.mjs';
import { prng } from '../support/prng.js';

const RATES = /** @type {const} */ ([8000, 12000, 16000, 24000, 48000]);
const SETTINGS = { gain: 0, phaseInversionDisabled: false };
/** Root mean square difference of a session, in LSB of 16 bits. */
const RMS_LIMIT = 0.1;
/** Controls of libopus that may change at any time, with their values. */
const CONTROLS = /** @type {[number, number[]][]} */ ([
  [11002, [-1000, -1000, 1000, 1001, 1002]], // mode: auto, SILK, hybrid, CELT
  [4008, [-1000, 1101, 1102, 1103, 1104, 1105]], // bandwidth
  [4002, [6000, 9000, 12000, 16000, 24000, 32000, 48000, 64000, 128000, 400000]], // bit/s
  [4010, [0, 3, 5, 8, 10]], // complexity
  [4006, [0, 1]], // VBR
  [4012, [0, 1]], // FEC
  [4014, [0, 10, 30]], // expected loss
  [4016, [0, 0, 0, 1]], // DTX
  [4022, [-1000, -1000, 1, 2]], // channels
  [4042, [0, 0, 1]], // no prediction between frames
  [4046, [0, 0, 1]], // no phase inversion
]);
/** Frame lengths at 48 kHz. */
const FRAMES = [120, 240, 480, 960, 960, 960, 1920, 2880, 3840, 5760];

class Mismatch extends Error {
  name = 'Mismatch';
}

/** A signal that changes its nature from time to time. */
function signal(random) {
  let kind = 0;
  let frequency = 200;
  let phase = 0;
  let level = 0.3;
  let left = 0;
  return (samples, channels) => {
    const pcm = new Int16Array(samples * channels);
    for (let i = 0; i < samples; i++) {
      if (left-- <= 0) {
        kind = random.int(6);
        frequency = 60 * 2 ** (7 * random.float());
        level = 0.9 * random.float() ** 2;
        left = 500 + random.int(20000);
      }
      phase += frequency / 48000;
      for (let c = 0; c < channels; c++) {
        const noise = 2 * random.float() - 1;
        const tone = Math.sin(2 * Math.PI * phase * (1 + 0.01 * c));
        let x = 0;
        if (kind === 0) x = noise;
        else if (kind === 1) x = tone;
        else if (kind === 2) x = ((phase % 1) - 0.5) * (c === 0 ? 2 : -2);
        else if (kind === 3) x = random.int(2000) === 0 ? 1 : 0;
        else if (kind === 4) x = 0.7 * tone * Math.sin(phase) + 0.1 * noise;
        pcm[i * channels + c] = Math.round(32767 * level * x);
      }
    }
    return pcm;
  };
}

function mutate(packet, random) {
  const bytes = packet.slice();
  switch (random.int(6)) {
    case 0:
      for (let i = random.int(4); i >= 0; i--) {
        bytes[random.int(bytes.length)] ^= 1 << random.int(8);
      }
      return bytes;
    case 1:
      return bytes.subarray(0, 1 + random.int(bytes.length));
    case 2:
      bytes[0] = random.int(256);
      return bytes;
    case 3:
      for (let i = 1 + random.int(bytes.length); i < bytes.length; i++) bytes[i] = random.int(256);
      return bytes;
    case 4: {
      const longer = new Uint8Array(bytes.length + random.int(40));
      random.fill(longer);
      longer.set(bytes);
      return longer;
    }
    default:
      bytes.fill(random.int(2) * 255, 1 + random.int(bytes.length));
      return bytes;
  }
}

/** Calls a decoder; an error becomes null. */
function attempt(decode) {
  try {
    return decode();
  } catch (error) {
    if (/out of bounds|unreachable|memory/.test(String(error))) throw error;
    return null;
  }
}

export async function open() {
  const { Encoder, Decoder } = evan(true);
  const opus = createOpus();
  const engine = ownEngine();
  const count = { packets: 0, refused: 0, compared: 0, worst: 0 };

  async function session(seed) {
    const random = prng(seed);
    const pick = (list) => list[random.int(list.length)];
    const rate = pick(RATES);
    const channels = /** @type {1 | 2} */ (1 + random.int(2));
    const coded = /** @type {1 | 2} */ (1 + random.int(2));
    const application = pick(['voip', 'audio', 'audio', 'restricted_lowdelay']);
    const encoder = new Encoder({ channels: coded, sample_rate: 48000, application });
    const ours = /** @type {any} */ (
      await engine.createDecoder({ sampleRate: rate, channels }, SETTINGS)
    );
    ours.configure({ gain: 0, phaseInversionDisabled: channels === 1 });
    const theirs = await libopus.createDecoder({ sampleRate: rate, channels });
    const ranged = new Decoder({ channels, sample_rate: rate });
    const mutations = random.int(3) === 0 ? 0.15 : 0;
    const losses = random.int(4) === 0 ? 0.1 : 0;
    const switching = 0.3 * random.float();
    const next = signal(random);
    let frame = pick(FRAMES);
    let squares = 0;
    let samples = 0;
    let peak = 1;
    /** Samples that the redundancy of the next packet shall replace. */
    let gap = 0;
    const fail = (text, packet) => {
      const hex = Array.from(packet, (byte) => byte.toString(16).padStart(2, '0')).join('');
      throw new Mismatch(`${text} (${rate} Hz, ${channels} channels, packet ${hex})`);
    };
    /** Sets the encoder's controls that it accepts now. */
    const control = ([request, values]) => attempt(() => encoder.ctl(request, pick(values)));
    for (const entry of CONTROLS) if (random.int(2)) control(entry);

    try {
      for (let i = 0; i < 40; i++) {
        if (random.float() < switching) control(pick(CONTROLS));
        if (random.float() < switching / 4) frame = pick(FRAMES);
        const pcm = next(frame, coded);
        let packet = attempt(() => Uint8Array.from(encoder.encode(new Uint8Array(pcm.buffer))));
        if (packet === null || packet.length === 0) continue;
        if (random.int(20) === 0)
          packet = opus.padPacket(packet, packet.length + random.int(300)).slice();
        if (random.float() < mutations) packet = mutate(packet, random);
        count.packets++;

        const lost = random.float() < losses;
        if (lost) {
          const duration = (rate * pick([120, 240, 480, 960, 1920])) / 48000;
          if (random.int(2)) {
            gap = duration;
            continue;
          }
          for (const x of ours.decode(null, duration, false)) {
            if (!Number.isFinite(x)) fail('concealment is not finite', packet);
          }
          attempt(() => theirs.decodeFloat(null, { decodeFec: false, frameSize: duration }));
          continue; // the ranged decoder cannot conceal: ranges hold all the same
        }
        const duration = attempt(() => opus.packetSamples(packet));
        const reference = attempt(() => ranged.decode(packet));
        if ((duration === null) !== (reference === null)) {
          fail(`ours ${duration === null ? 'refuses' : 'accepts'}`, packet);
        }
        if (duration === null) {
          count.refused++;
          continue;
        }
        const wanted = (duration * rate) / 48000;
        if (gap > 0) {
          const repaired = ours.decode(packet, gap, true);
          if (repaired.length !== gap * channels) fail('FEC sample count', packet);
          for (const x of repaired) if (!Number.isFinite(x)) fail('FEC is not finite', packet);
          attempt(() => theirs.decodeFloat(packet, { decodeFec: true, frameSize: gap }));
          gap = 0;
        }
        if (reference.length !== wanted * channels * 2) fail('sample count', packet);
        const a = ours.decode(packet, wanted, false);
        const range = ranged.ctl(4031) >>> 0;
        if (ours.finalRange !== range) fail(`range ${ours.finalRange}, expected ${range}`, packet);
        const b = theirs.decodeFloat(packet, { decodeFec: false, frameSize: wanted });
        if (a.length !== b.length) fail('sample count of libopus-wasm', packet);
        for (const x of a) if (!Number.isFinite(x)) fail('not finite', packet);
        if (ours.concealedSamples > 0) continue;
        for (let k = 0; k < a.length; k++) {
          squares += (a[k] - b[k]) ** 2;
          peak = Math.max(peak, Math.abs(b[k]));
        }
        samples += a.length;
        const rms = 32768 * Math.sqrt(squares / samples);
        if (rms > RMS_LIMIT * peak)
          fail(`PCM differs by ${rms.toFixed(3)} LSB rms in packet ${i}`, packet);
      }
      if (samples > 0) {
        count.compared += samples;
        count.worst = Math.max(count.worst, (32768 * Math.sqrt(squares / samples)) / peak);
      }
    } finally {
      ours.close();
      theirs.free();
      encoder.drop?.();
      ranged.drop?.();
    }
  }

  return {
    session,
    summary: () =>
      `${count.packets} packets, ${count.refused} refused, ${count.compared} samples compared, worst ${count.worst.toFixed(4)} LSB rms`,
  };
}
