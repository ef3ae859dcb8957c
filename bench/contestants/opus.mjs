// Decoders of other packages. Each: open(channels) -> (packet) => samples per channel, at 48 kHz.
import { createRequire } from 'node:module';
import * as libopus from 'libopus-wasm';
import { evan } from './evan.mjs';

const require = createRequire(import.meta.url);

function evanDecoder(wasm) {
  const { Decoder } = evan(wasm);
  return (channels) => {
    const decoder = new Decoder({ channels, sample_rate: 48000 });
    return (packet) => decoder.decode(packet).length / (2 * channels);
  };
}

async function libopusWasm(channels) {
  const decoder = await libopus.createDecoder({ sampleRate: 48000, channels });
  return (packet) => decoder.decode(packet).length / channels;
}

function opusscript(channels) {
  const OpusScript = require('opusscript');
  const decoder = new OpusScript(48000, channels);
  return (packet) => decoder.decode(packet).length / (2 * channels);
}

async function opusDecoder(channels) {
  const { OpusDecoder } = require('opus-decoder');
  const decoder = new OpusDecoder({
    channels,
    streamCount: 1,
    coupledStreamCount: channels - 1,
    channelMappingTable: channels === 2 ? [0, 1] : [0],
    preSkip: 0,
  });
  await decoder.ready;
  return (packet) => decoder.decodeFrame(packet).samplesDecoded;
}

/** Name to a way to open a decoder; those that do not work here are left out. */
export async function decoders() {
  const makers = {
    'libopus-wasm': () => libopusWasm,
    'opus-decoder': () => opusDecoder,
    opusscript: () => opusscript,
    '@evan/opus wasm': () => evanDecoder(true),
    '@evan/opus native': () => evanDecoder(false),
  };
  const found = {};
  for (const [name, make] of Object.entries(makers)) {
    try {
      const open = make();
      await open(1);
      found[name] = open;
    } catch (error) {
      console.error(`without ${name}: ${String(error.message).split('\n')[0]}`);
    }
  }
  return found;
}
