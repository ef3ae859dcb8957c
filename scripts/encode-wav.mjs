// node scripts/encode-wav.mjs IN.wav PACKETS BITRATE APPLICATION COMPLEXITY MODE OUT.wav [OPTIONS]
// Encodes a WAV file with our encoder and decodes the packets with libopus: what a measure of quality
// compares. PACKETS gets each packet as [u32 length, u32 final range, bytes] (big-endian), OUT.wav what
// libopus makes of them, lookahead included; "-" leaves either out. BITRATE is in bit/s or auto,
// APPLICATION voip, audio or low-delay, MODE vbr (constrained, the default of an encoder), plain-vbr
// or cbr. Prints one JSON object: bytes of payload, frames, kbps, packets by TOC configuration.
//   --frame MS           2.5 to 120, default 20
//   --channels 1|2       mixes down or doubles the input
//   --set NAME=VALUE     any setting of EncoderSettings, as often as wanted
//   --engine own|libopus default own
//   --module FILE.wasm   another build of opus.wasm
//   --force silk|hybrid|celt  holds our encoder to a mode
//   --loss P             decodes as if P per cent of the packets had been lost (seeded), with FEC
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readWav, wavHeader, wavSamples } from 'sottovoce/internal';
import { createOpus, OpusDecoder, OpusEncoder, ownEngine } from 'sottovoce/opus';
import { libopusEngine } from 'sottovoce/opus/libopus';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    frame: { type: 'string', default: '20' },
    channels: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    engine: { type: 'string', default: 'own' },
    module: { type: 'string' },
    force: { type: 'string' },
    loss: { type: 'string', default: '0' },
  },
});
if (positionals.length !== 7) {
  console.error('usage: IN.wav PACKETS BITRATE APPLICATION COMPLEXITY MODE OUT.wav [OPTIONS]');
  process.exit(2);
}
const [input, packetsFile, bitrate, application, complexity, mode, output] = positionals;
const CONTROL = { vbr: 'constrained-vbr', 'plain-vbr': 'vbr', cbr: 'cbr' };
if (!Object.hasOwn(CONTROL, mode)) {
  console.error(`MODE is one of ${Object.keys(CONTROL).join(', ')}, not ${mode}`);
  process.exit(2);
}
const literal = (text) =>
  text === 'true'
    ? true
    : text === 'false'
      ? false
      : text === '' || Number.isNaN(+text)
        ? text
        : +text;

const wav = await readWav(readFileSync(input));
const { sampleRate } = wav.format;
const pieces = [];
for await (const piece of wav) pieces.push(piece.slice());
const samples = Math.floor(
  pieces.reduce((sum, { length }) => sum + length, 0) / wav.format.channels,
);
const interleaved = new Float32Array(samples * wav.format.channels);
let filled = 0;
for (const piece of pieces) {
  interleaved.set(piece, filled);
  filled += piece.length;
}
const channels = /** @type {1 | 2} */ (Number(options.channels ?? wav.format.channels));
const source = wav.format.channels;
/** Sample `i` of a channel; 0 behind the end. */
function sampleOf(i, channel) {
  if (i >= samples) return 0;
  if (source === channels) return interleaved[i * source + channel];
  if (source === 1) return interleaved[i];
  return (interleaved[i * source] + interleaved[i * source + 1]) / 2;
}

const engine =
  options.engine === 'libopus'
    ? libopusEngine()
    : ownEngine(options.module === undefined ? undefined : readFileSync(options.module));
const MODES = ['silk', 'hybrid', 'celt'];
/** The engine, its encoder held to a mode. */
const forced = {
  ...engine,
  async createEncoder(format, settings) {
    const made = /** @type {any} */ (await engine.createEncoder(format, settings));
    made.forcedMode = 1 + MODES.indexOf(String(options.force));
    return made;
  },
};
const encoder = await OpusEncoder.create(
  /** @type {any} */ ({
    engine: options.force === undefined ? engine : forced,
    sampleRate,
    channels,
    application,
    bitrate: literal(bitrate),
    complexity: Number(complexity),
    rateControl: CONTROL[mode],
    frameMs: Number(options.frame),
    ...Object.fromEntries(
      options.set.map((entry) => {
        const at = entry.indexOf('=');
        return [entry.slice(0, at), literal(entry.slice(at + 1))];
      }),
    ),
  }),
);
const decoder = await OpusDecoder.create({
  engine: libopusEngine(),
  sampleRate: encoder.sampleRate,
  channels,
});
const opus = createOpus();
const frame = encoder.frameSamples;
const frames = Math.ceil((samples + encoder.lookahead) / frame);
const pcm = new Float32Array(frame * channels);
const packets = [];
const decoded = [];
/** @type {Record<string, number>} */
const configs = {};
let bytes = 0;
let seed = 1;
/** Whether the next packet is lost: the same ones whatever the encoder does. */
function lost() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32 < Number(options.loss) / 100;
}
let missing = false;
for (let t = 0; t < frames; t++) {
  for (let i = 0; i < frame; i++) {
    for (let c = 0; c < channels; c++) pcm[i * channels + c] = sampleOf(t * frame + i, c);
  }
  const packet = encoder.encode(pcm).slice();
  let range = 0;
  try {
    range = encoder.finalRange;
  } catch {
    // libopus-wasm hides it.
  }
  const head = new DataView(new ArrayBuffer(8));
  head.setUint32(0, packet.length);
  head.setUint32(4, range);
  packets.push(new Uint8Array(head.buffer), packet);
  bytes += packet.length;
  const { config } = opus.inspectPacket(packet);
  configs[config] = (configs[config] ?? 0) + 1;
  if (t > 0 && lost()) {
    if (missing) decoded.push(decoder.conceal(frame));
    missing = true;
    continue;
  }
  if (missing) decoded.push(decoder.decodeFec(packet, frame));
  missing = false;
  decoded.push(decoder.decode(packet));
}
if (missing) decoded.push(decoder.conceal(frame));
if (packetsFile !== '-') writeFileSync(packetsFile, Buffer.concat(packets));
if (output !== '-') {
  const data = decoded.map((piece) => wavSamples(piece, false));
  const header = wavHeader({ channels, sampleRate, float: false }, 2 * frames * frame * channels);
  writeFileSync(output, Buffer.concat([header, ...data]));
}
const kbps = Number(((bytes * 8) / 1000 / (samples / sampleRate)).toFixed(3));
console.log(JSON.stringify({ bytes, frames, kbps, configs }));
