// Our encoder before three decoders: ours and two builds of libopus. A session: an encoder of a random
// format whose settings jump at random takes signals of every kind, the hostile ones too. Every packet
// must keep its limit, have the size that a constant rate means, and decode everywhere to the final range
// of the encoder; libopus' PCM must be ours until something was concealed.
import * as libopus from 'libopus-wasm';
import { createOpus, OpusEncoder, ownEngine } from 'sottovoce/opus';
import { evan } from '../../bench/contestants/evan.mjs';
import { prng } from '../support/prng.js';

const RATES = /** @type {const} */ ([8000, 12000, 16000, 24000, 48000]);
/** Root mean square difference of a session, in LSB of 16 bits. */
const RMS_LIMIT = 0.1;
const BANDWIDTHS = ['narrowband', 'mediumband', 'wideband', 'superwideband', 'fullband'];
/** Settings that may change at any time, with a way to draw one. */
const SETTINGS = /** @type {Record<string, (r: ReturnType<typeof prng>) => any>} */ ({
  frameMs: (r) => pick(r, [2.5, 5, 10, 20, 20, 20, 20, 40, 60, 80, 100, 120]),
  bitrate: (r) =>
    pick(r, ['auto', 'max', 6000, 510_000, ...Array(12).fill(0)]) ||
    Math.round(6000 * 85 ** r.float()),
  rateControl: (r) => pick(r, ['vbr', 'constrained-vbr', 'cbr']),
  complexity: (r) => r.int(11),
  bandwidth: (r) => pick(r, ['auto', 'auto', 'auto', ...BANDWIDTHS]),
  maxBandwidth: (r) => pick(r, ['fullband', 'fullband', ...BANDWIDTHS]),
  signal: (r) => pick(r, ['auto', 'voice', 'music']),
  fec: (r) => r.int(2) === 0,
  expectedLossPercent: (r) => pick(r, [0, 0, 5, 20, 100]),
  dtx: (r) => r.int(4) === 0,
  forceChannels: (r) => pick(r, ['auto', 'auto', 1, 2]),
  lsbDepth: (r) => pick(r, [24, 24, 16, 8 + r.int(17)]),
  predictionDisabled: (r) => r.int(4) === 0,
  phaseInversionDisabled: (r) => r.int(4) === 0,
  maxPacketBytes: (r) => pick(r, ['auto', 'auto', 'auto', 32, 7650, 32 + r.int(1300)]),
});
const NAMES = Object.keys(SETTINGS);

class Mismatch extends Error {
  name = 'Mismatch';
}

function pick(random, list) {
  return list[random.int(list.length)];
}

/** One sample of each kind of signal; `t` counts samples, `phase` periods of the tone. */
const KINDS = /** @type {((s: any) => number)[]} */ ([
  () => 0,
  ({ noise }) => noise,
  ({ phase, channel }) => Math.sin(2 * Math.PI * phase * (1 + 0.01 * channel)),
  ({ phase, channel }) => ((phase % 1) - 0.5) * (channel === 0 ? 2 : -2),
  ({ random }) => (random.int(2000) === 0 ? 1 : 0),
  ({ phase, noise }) =>
    // Twelve harmonics that rise and fall: something like a voice.
    [1, 2, 3, 4, 5, 6, 8, 10, 12].reduce(
      (sum, h) => sum + Math.sin(2 * Math.PI * h * phase) / h,
      0,
    ) *
      0.4 *
      (0.6 + 0.4 * Math.sin(phase / 17)) +
    0.02 * noise,
  ({ phase }) => (phase % 1 < 0.5 ? 1 : -1),
  ({ t, noise }) => (t % 3000 < 1500 ? noise : 0.0005 * noise),
  ({ noise }) => 0.0001 * noise,
  () => 1,
  ({ t }) => (t % 2 ? 1 : -1),
  // Only in f32:
  () => Number.NaN,
  ({ t }) => (t % 2 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY),
  ({ noise }) => 1e-40 * noise,
  ({ t, noise }) => (t % 97 === 0 ? Number.NaN : noise),
  ({ noise }) => 8 * noise,
  ({ t }) => (t % 2 ? 3e38 : -3e38),
]);
const FINITE_KINDS = 11;

/** A signal that changes its nature from time to time; now and then it is full-scale or hostile. */
function signal(random, sampleRate, channels, int16) {
  let kind = 0;
  let frequency = 200;
  let phase = 0;
  let level = 0.3;
  let left = 0;
  let t = 0;
  return (samples) => {
    const pcm = int16 ? new Int16Array(samples * channels) : new Float32Array(samples * channels);
    for (let i = 0; i < samples; i++) {
      if (left-- <= 0) {
        const hostile = !int16 && random.int(8) === 0;
        kind = hostile
          ? FINITE_KINDS + random.int(KINDS.length - FINITE_KINDS)
          : random.int(FINITE_KINDS);
        frequency = 60 * 2 ** (7 * random.float());
        level = random.int(8) === 0 ? 1 : 0.9 * random.float() ** 2;
        left = (500 + random.int(30_000)) * (sampleRate / 48_000);
      }
      phase += frequency / sampleRate;
      for (let channel = 0; channel < channels; channel++) {
        const noise = 2 * random.float() - 1;
        const x = level * KINDS[kind]({ t, phase, channel, noise, random });
        pcm[i * channels + channel] = int16
          ? Math.max(-32768, Math.min(32767, Math.round(32767 * x)))
          : x;
      }
      t++;
    }
    return pcm;
  };
}

/** Bytes that a constant rate means, or null where the size may vary. */
function constantSize({ rateControl, bitrate, frameMs, dtx }, limit) {
  if (rateControl !== 'cbr' || typeof bitrate !== 'number' || dtx) return null;
  return Math.min(limit, Math.max(2, Math.round((bitrate * frameMs) / 8000)));
}

export async function open() {
  const { Decoder } = evan(true);
  const opus = createOpus();
  const engine = ownEngine();
  const forcing = (mode) => ({
    ...engine,
    async createEncoder(format, settings) {
      const made = /** @type {any} */ (await engine.createEncoder(format, settings));
      made.forcedMode = mode;
      return made;
    },
  });
  const count = { packets: 0, bytes: 0, compared: 0, worst: 0 };
  /** Packets by mode, and what else has occurred. */
  const seen = new Map();
  const note = (what) => seen.set(what, (seen.get(what) ?? 0) + 1);

  async function session(seed) {
    const random = prng(seed);
    const sampleRate = pick(random, RATES);
    const channels = /** @type {1 | 2} */ (1 + random.int(2));
    const int16 = random.int(3) === 0;
    const out = { rate: pick(random, RATES), channels: /** @type {1 | 2} */ (1 + random.int(2)) };
    const settings = /** @type {Record<string, any>} */ ({});
    const draw = (name) => {
      const value = SETTINGS[name](random);
      return name === 'forceChannels' && channels === 1 && value === 2 ? 'auto' : value;
    };
    for (const name of NAMES) if (random.int(2)) settings[name] = draw(name);
    const application = pick(random, ['voip', 'audio', 'low-delay']);
    const mode = random.int(3) === 0 ? 1 + random.int(3) : 0;
    const encoder = await OpusEncoder.create({
      engine: forcing(mode),
      sampleRate,
      channels,
      application,
      ...settings,
    });
    const ours = /** @type {any} */ (
      await engine.createDecoder(
        { sampleRate: out.rate, channels: out.channels },
        { gain: 0, phaseInversionDisabled: out.channels === 1 },
      )
    );
    const theirs = await libopus.createDecoder({ sampleRate: out.rate, channels: out.channels });
    const ranged = new Decoder({ channels: out.channels, sample_rate: out.rate });
    const switching = 0.4 * random.float();
    const next = signal(random, sampleRate, channels, int16);
    let squares = 0;
    let samples = 0;
    let peak = 1;
    let at = 0;
    const fail = (text, packet = new Uint8Array()) => {
      const hex = Array.from(packet, (byte) => byte.toString(16).padStart(2, '0')).join('');
      const what = { sampleRate, channels, application, mode, int16, ...encoder.settings };
      throw new Mismatch(
        `packet ${at}: ${text}\n  ${JSON.stringify(what)}, decoded at ${out.rate} Hz, ${out.channels} channels\n  packet ${hex}`,
      );
    };

    try {
      for (; at < 40; at++) {
        while (random.float() < switching) {
          const name = pick(random, NAMES);
          encoder.configure({ [name]: draw(name) });
        }
        if (random.int(100) === 0) encoder.reset();
        const pcm = next(encoder.frameSamples);
        if (random.int(50) === 0) {
          let code;
          try {
            encoder.encode(pcm.subarray(1));
          } catch (error) {
            code = /** @type {any} */ (error).code;
          }
          if (code !== 'frame-size') fail('a frame that is too short was taken');
        }
        const limit = encoder.maxPacketBytes;
        let packet;
        try {
          packet = encoder.encode(pcm).slice();
        } catch (error) {
          fail(String(/** @type {Error} */ (error).stack));
        }
        count.packets++;
        count.bytes += packet.length;
        if (packet.length > limit) fail(`${packet.length} bytes, at most ${limit} asked`, packet);
        const wanted = constantSize(encoder.settings, limit);
        if (wanted !== null && packet.length !== wanted) {
          fail(`${packet.length} bytes, a constant rate means ${wanted}`, packet);
        }
        let info;
        try {
          info = opus.inspectPacket(packet);
        } catch (error) {
          fail(String(error), packet);
        }
        if (info.durationMs !== encoder.frameMs) fail(`lasts ${info.durationMs} ms`, packet);
        if (info.channels > channels) fail('stereo of mono', packet);
        note(info.mode);
        if (info.fec) note('FEC');
        if (packet.length <= 2) note('DTX');

        const length = (info.samples * out.rate) / 48_000;
        const range = encoder.finalRange;
        const a = ours.decode(packet, length, false);
        if (ours.finalRange !== range) fail(`range ${range}, decoded ${ours.finalRange}`, packet);
        let reference;
        try {
          reference = ranged.decode(packet);
        } catch (error) {
          fail(`libopus refuses it: ${error}`, packet);
        }
        const theirRange = ranged.ctl(4031) >>> 0;
        if (theirRange !== range) fail(`range ${range}, libopus decoded ${theirRange}`, packet);
        if (reference.length !== 2 * length * out.channels) fail('sample count', packet);
        const b = theirs.decodeFloat(packet, { decodeFec: false, frameSize: length });
        if (a.length !== b.length) fail('sample count of libopus-wasm', packet);
        for (const x of a) if (!Number.isFinite(x)) fail('not finite', packet);
        if (ours.concealedSamples > 0) continue;
        for (let k = 0; k < a.length; k++) {
          squares += (a[k] - b[k]) ** 2;
          peak = Math.max(peak, Math.abs(b[k]));
        }
        samples += a.length;
        const rms = 32768 * Math.sqrt(squares / samples);
        if (rms > RMS_LIMIT * peak) fail(`PCM differs by ${rms.toFixed(3)} LSB rms`, packet);
      }
      if (samples > 0) {
        count.compared += samples;
        count.worst = Math.max(count.worst, (32768 * Math.sqrt(squares / samples)) / peak);
      }
    } finally {
      encoder.close();
      ours.close();
      theirs.free();
      ranged.drop?.();
    }
  }

  return {
    session,
    summary() {
      const what = [...seen].map(([name, times]) => `${times} ${name}`).join(', ');
      return `${count.packets} packets (${what}), ${count.compared} samples compared, worst ${count.worst.toFixed(4)} LSB rms`;
    },
  };
}
