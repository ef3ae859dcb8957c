import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { OpusEncoder as DiscordOpus } from 'sottovoce/adapters/discordjs-opus';
import OpusScript, { OpusScript as Named } from 'sottovoce/adapters/opusscript';
import { createOpus } from 'sottovoce/opus';
import { toInt16, voice } from '../support/signals.js';

const peers = suite('adapters/peers');
const opus = createOpus();

/** 20 ms of stereo as the peers take it. */
const frame = (i = 0) => bytesOf(toInt16(voice(960, 48_000, 2, 960 * i)));
const bytesOf = (pcm) => new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);

/** @param {() => unknown} call @returns {string} */
function codeOf(call) {
  try {
    call();
  } catch (error) {
    return /** @type {any} */ (error).code;
  }
  return 'nothing thrown';
}

peers('@discordjs/opus: at once, frames and packets', () => {
  const codec = new DiscordOpus(48_000, 2);
  const packet = codec.encode(frame());
  assert.is(packet.constructor.name, 'Buffer');
  assert.is(opus.inspectPacket(packet).durationMs, 20);
  const pcm = codec.decode(packet);
  assert.is(pcm.constructor.name, 'Buffer');
  assert.is(pcm.length, 3840);
  codec.setBitrate(64_000);
  assert.is(codec.getBitrate(), 64_000);
  codec.applyEncoderCTL(4012, 1);
  codec.applyEncoderCTL(4014, 20);
  codec.applyDecoderCTL(4034, -256);
});

peers('opusscript: at once, frames and packets', () => {
  assert.is(OpusScript, Named);
  const codec = new OpusScript(48_000, 2, OpusScript.Application.VOIP);
  const packet = codec.encode(frame(), 960);
  assert.is(opus.inspectPacket(packet).samples, 960);
  assert.is(codec.decode(packet).length, 3840);
  codec.setBitrate(32_000);
  codec.encoderCTL(4010, 3);
  codec.decoderCTL(4034, 256);
  codec.delete();
  codec.delete();
  assert.is(
    codeOf(() => codec.encode(frame(), 960)),
    'released',
  );
});

peers('faults of the peers are not repeated', () => {
  const codec = new DiscordOpus(48_000, 1);
  const odd = new Uint8Array(1921).subarray(1);
  assert.is(
    codeOf(() => codec.encode(new Uint8Array(100))),
    'frame-size',
    'no abort',
  );
  assert.is(
    codeOf(() => codec.encode(new Uint8Array(1919))),
    'frame-size',
  );
  assert.is(
    codeOf(() => codec.decode(Uint8Array.of(255))),
    'bad-packet',
  );
  assert.is(
    codeOf(() => codec.decode(Uint8Array.from('OggS', (c) => c.charCodeAt(0)))),
    'bad-packet',
  );
  assert.is(
    codeOf(() => codec.encode(/** @type {any} */ ('text'))),
    'bad-argument',
  );
  assert.is(
    codeOf(() => codec.decode(/** @type {any} */ (5))),
    'bad-argument',
  );
  assert.is(
    codeOf(() => codec.applyEncoderCTL(4003, 1)),
    'bad-argument',
  );
  assert.is(
    codeOf(() => codec.applyEncoderCTL(4010, 11)),
    'bad-argument',
  );
  assert.is(
    codeOf(() => new DiscordOpus(44_100, 2)),
    'bad-argument',
  );
  assert.is(
    codeOf(() => new DiscordOpus(48_000, 3)),
    'bad-argument',
  );
  assert.is(
    codeOf(() => new OpusScript(48_000, 1, /** @type {any} */ (7))),
    'bad-argument',
  );
  assert.ok(codec.encode(odd).length > 0, 'an odd address');
  assert.is(codec.decode(codec.encode(odd)).length, 1920, 'still in order');

  const script = new OpusScript(48_000, 1);
  assert.is(
    codeOf(() => script.encode(new Uint8Array(1920), 480)),
    'frame-size',
  );
  const samples = toInt16(voice(960, 48_000));
  const twin = new OpusScript(48_000, 1);
  assert.equal(script.encode(samples, 960), twin.encode(bytesOf(samples), 960), 'samples or bytes');
});

peers('a lost packet is as long as the one before', () => {
  const codec = new DiscordOpus(48_000, 1);
  assert.is(codec.decode(null).length, 1920, '20 ms before any');
  codec.decode(codec.encode(new Uint8Array(960)));
  assert.is(codec.decode(new Uint8Array()).length, 960);
});

peers('the application may change until the first frame', () => {
  const codec = new DiscordOpus(48_000, 1);
  codec.applyEncoderCTL(4000, 2048);
  codec.encode(new Uint8Array(1920));
  assert.is(
    codeOf(() => codec.applyEncoderCTL(4000, 2049)),
    'not-supported',
  );
});

peers('many at once keep apart', () => {
  const codecs = Array.from({ length: 5 }, () => new DiscordOpus(48_000, 2));
  const packets = [0, 1, 2].map((i) => codecs.map((codec) => codec.encode(frame(i))));
  for (const round of packets) for (const packet of round) assert.equal(packet, round[0]);
});

peers.run();
