// Decoders and encoders of other packages, at 48 kHz. Decoders: open(channels) -> (packet) => samples per
// channel. Encoders: open({ application, channels, bitrate, complexity, maxBandwidth }) -> (s16) => packet;
// all leave the rate control at libopus' default, constrained VBR.
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

const APPLICATIONS = { voip: 2048, audio: 2049 };
const WIDEBAND = 1103;
const MAX_BANDWIDTH = 4004;
const COMPLEXITY = 4010;
const bytesOf = (pcm) => new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);

async function libopusWasmEncoder({ application, channels, bitrate, complexity, maxBandwidth }) {
  const encoder = await libopus.createEncoder({
    sampleRate: 48000,
    channels,
    frameSize: 960,
    application: APPLICATIONS[application],
    bitrate,
    complexity,
    ...(maxBandwidth && { maxBandwidth: WIDEBAND }),
  });
  return (pcm) => encoder.encode(pcm);
}

function opusscriptEncoder({ application, channels, bitrate, complexity, maxBandwidth }) {
  const OpusScript = require('opusscript');
  const encoder = new OpusScript(48000, channels, APPLICATIONS[application]);
  encoder.setBitrate(bitrate);
  encoder.encoderCTL(COMPLEXITY, complexity);
  if (maxBandwidth) encoder.encoderCTL(MAX_BANDWIDTH, WIDEBAND);
  return (pcm) => encoder.encode(bytesOf(pcm), 960);
}

function evanEncoder(wasm) {
  const { Encoder } = evan(wasm);
  return ({ application, channels, bitrate, complexity, maxBandwidth }) => {
    const encoder = new Encoder({ channels, sample_rate: 48000, application });
    encoder.bitrate = bitrate;
    encoder.complexity = complexity;
    if (maxBandwidth) encoder.max_bandwidth = maxBandwidth;
    return (pcm) => encoder.encode(bytesOf(pcm));
  };
}

/** Name to a way to open one; those that do not work here are left out. */
async function working(makers, probe) {
  const found = {};
  for (const [name, make] of Object.entries(makers)) {
    try {
      const open = make();
      await open(probe);
      found[name] = open;
    } catch (error) {
      console.error(`without ${name}: ${String(error.message).split('\n')[0]}`);
    }
  }
  return found;
}

/** Decoders by the name of their package. */
export function decoders() {
  const makers = {
    'libopus-wasm': () => libopusWasm,
    'opus-decoder': () => opusDecoder,
    opusscript: () => opusscript,
    '@evan/opus wasm': () => evanDecoder(true),
    '@evan/opus native': () => evanDecoder(false),
  };
  return working(makers, 1);
}

/** Encoders by the name of their package. */
export function encoders() {
  const makers = {
    'libopus-wasm': () => libopusWasmEncoder,
    opusscript: () => opusscriptEncoder,
    '@evan/opus wasm': () => evanEncoder(true),
    '@evan/opus native': () => evanEncoder(false),
  };
  return working(makers, { application: 'audio', channels: 1, bitrate: 32_000, complexity: 10 });
}
