// What the facade promises an engine, checked with an engine that only writes down what it gets.
import { OpusDecoder, OpusEncoder } from 'sottovoce/opus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../support/opus.js';

const engines = suite('opus engine');

function recorder() {
  const calls = [];
  const note =
    (name) =>
    (...args) => {
      calls.push([name, ...args]);
    };
  const packet = Uint8Array.of(0x48, 1, 2, 3);
  const common = {
    finalRange: 7,
    configure: note('configure'),
    reset: note('reset'),
    close: note('close'),
  };
  return {
    calls,
    packet,
    name: 'recorder',
    createEncoder: (format, settings) => {
      calls.push(['createEncoder', format, settings]);
      return {
        ...common,
        lookahead: 5,
        inDtx: false,
        encode(pcm, limit) {
          calls.push(['encode', pcm, limit]);
          return packet;
        },
      };
    },
    createDecoder: (format, settings) => {
      calls.push(['createDecoder', format, settings]);
      const decode = (name, Type) => (bytes, samples, fec) => {
        calls.push([name, bytes, samples, fec]);
        return new Type(samples * format.channels);
      };
      return {
        ...common,
        decode: decode('decode', Float32Array),
        decodeInt16: decode('decodeInt16', Int16Array),
      };
    },
  };
}

engines(
  'an encoder gets checked settings, finite PCM and a limit; its views are passed on',
  async () => {
    const engine = recorder();
    const encoder = await OpusEncoder.create({ engine, sampleRate: 8000, bitrate: 9000 });
    const [[, format, settings]] = engine.calls;
    assert.equal(format, { sampleRate: 8000, channels: 1, application: 'voip' });
    assert.is(settings.bitrate, 9000);
    assert.not.ok('engine' in settings);
    const pcm = new Float32Array(160).fill(0.5);
    assert.is(encoder.encode(pcm), engine.packet, 'no copy');
    assert.is(engine.calls[1][1], pcm, 'no copy');
    assert.is(engine.calls[1][2], 1275);
    encoder.encode(pcm.map((_, i) => [Number.NaN, 1e9, Number.NEGATIVE_INFINITY][i % 3]));
    assert.equal([...engine.calls[2][1].subarray(0, 3)], [0, 4, -4]);
    encoder.configure({ dtx: true, maxPacketBytes: 99 });
    assert.equal(engine.calls[3].slice(2), [{ dtx: true, maxPacketBytes: 99 }]);
    assert.is(engine.calls[3][1].bitrate, 9000, 'all settings come along');
    encoder.encode(pcm);
    assert.is(engine.calls[4][2], 99);
    assert.is(encoder.finalRange, 7);
    encoder.close();
    encoder.close();
    assert.is(engine.calls.filter(([name]) => name === 'close').length, 1);
  },
);

engines('a decoder gets well-formed packets only, and their duration at its rate', async () => {
  const engine = recorder();
  const decoder = await OpusDecoder.create({ engine, sampleRate: 16_000, channels: 2 });
  assert.is(
    codeOf(() => decoder.decode(Uint8Array.of(3))),
    'bad-packet',
  );
  assert.is(engine.calls.length, 1);
  assert.is(decoder.decode(engine.packet).length, 640);
  assert.equal(engine.calls[1], ['decode', engine.packet, 320, false]);
  decoder.concealInt16(80);
  assert.equal(engine.calls[2], ['decodeInt16', null, 80, false]);
  decoder.decodeFec(engine.packet, 640);
  assert.equal(engine.calls[3], ['decode', engine.packet, 640, true]);
  decoder.close();
});

engines('a setting that the engine refuses is not kept', async () => {
  const engine = recorder();
  const { createEncoder } = engine;
  engine.createEncoder = (...args) => ({
    ...createEncoder(...args),
    configure() {
      throw new Error('no');
    },
  });
  const encoder = await OpusEncoder.create({ engine, bitrate: 9000 });
  assert.throws(() => (encoder.bitrate = 12_000), 'no');
  assert.is(encoder.bitrate, 9000);
  encoder.close();
});

engines.run();
