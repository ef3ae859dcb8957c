// From PCM to a sealed call packet and back: one call in one memory, beside the same codec and the same
// cipher in two memories, with a copy in between. Key, head and settings are the same.
import { createCallCore, OpeningDecoder, SealingEncoder } from 'sottovoce/call';
import { createCrypto } from 'sottovoce/crypto';
import { OpusDecoder, OpusEncoder } from 'sottovoce/opus';
import { CASES, framesOf } from './opus-encode.mjs';

const HEAD = 17;
const FRAMES = 200;
const KEY = new Uint8Array(256).fill(7);

/** Sequence word, type and RTP header for a counter. */
function writeHead(body, counter) {
  body[0] = 0x80 | (counter >>> 24);
  body[1] = counter >>> 16;
  body[2] = counter >>> 8;
  body[3] = counter;
  body[4] = 5;
  body[5] = 0x80;
  body[6] = 111;
}

const senders = {
  async sottovoce(settings) {
    const core = createCallCore();
    const key = core.crypto.createSharedKey(KEY);
    const { application, channels, bitrate, complexity } = settings;
    const options = /** @type {any} */ ({ application, bitrate, complexity });
    const voice = await SealingEncoder.create(core, { sampleRate: 48000, channels }, options);
    const buffer = core.crypto.createPacketBuffer(1436);
    let counter = 0;
    return (pcm) => {
      voice.pcmInt16.set(pcm);
      writeHead(buffer.body, ++counter);
      return voice.encodeAndSeal(buffer, key, 0, HEAD, { int16: true });
    };
  },
  async 'encode, copy, seal'(settings) {
    const crypto = createCrypto();
    const key = crypto.createSharedKey(KEY);
    const { application, channels, bitrate, complexity } = settings;
    const encoder = await OpusEncoder.create({ application, channels, bitrate, complexity });
    const buffer = crypto.createPacketBuffer(1436);
    let counter = 0;
    return (pcm) => {
      const packet = encoder.encode(pcm);
      const { body } = buffer;
      writeHead(body, ++counter);
      body.set(packet, HEAD);
      return buffer.sealCall(key, 0, HEAD + packet.length);
    };
  },
};

const receivers = {
  sottovoce({ channels }) {
    const core = createCallCore();
    const key = core.crypto.createSharedKey(KEY);
    const buffer = core.crypto.createPacketBuffer(1436);
    let ear = new OpeningDecoder(core, { sampleRate: 48000, channels });
    let left = FRAMES;
    return (packet) => {
      if (left-- === 0) {
        // The counters start again: so does the decoder.
        ear.close();
        ear = new OpeningDecoder(core, { sampleRate: 48000, channels });
        left = FRAMES - 1;
      }
      return ear.openAndDecodeInt16(buffer, key, 0, packet);
    };
  },
  async 'open, copy, decode'({ channels }) {
    const crypto = createCrypto();
    const key = crypto.createSharedKey(KEY);
    const buffer = crypto.createPacketBuffer(1436);
    const decoder = await OpusDecoder.create({ channels });
    return (packet) => decoder.decodeInt16(buffer.openCall(key, 0, packet).slice(HEAD));
  },
};

/** Cases of the suite. */
export async function sealCases() {
  const cases = [];
  for (const [name, complexity] of [
    ['silk-wb-mono-16k', 5],
    ['hybrid-mono-24k', 5],
    ['celt-stereo-96k', 0],
  ]) {
    const settings = { ...CASES[name], complexity };
    const frames = await framesOf(settings);
    const seal = await senders.sottovoce(settings);
    const packets = frames.map((pcm) => seal(pcm).slice());
    const opened = (open) =>
      Object.fromEntries(
        Object.entries(open).map(([label, make]) => [label, () => make(settings)]),
      );
    const check = (result) => {
      if (!(result?.length > HEAD)) throw new Error('nothing came out');
    };
    const common = { suite: 'opus-seal', passes: 5, check };
    cases.push(
      {
        ...common,
        name: `encode-and-seal ${name} c${complexity}`,
        items: frames,
        open: opened(senders),
      },
      { ...common, name: `open-and-decode ${name}`, items: packets, open: opened(receivers) },
    );
  }
  return cases;
}
