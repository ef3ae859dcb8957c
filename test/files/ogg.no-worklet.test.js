import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeOgg, encodeOgg, FileError, readOgg } from 'sottovoce/files';
import { all, join, pagesOf, rejection, writePage, writePages } from '../support/ogg.js';
import { concat, energy, snr, voice } from '../support/signals.js';

const ogg = suite('files/ogg');

const encode = async (pcm, options) => join(await all(encodeOgg(pcm, options)));
const decode = async (file, options) => concat(await all(await decodeOgg(file, options)));
const read = (file) => rejection(all(readOgg(file)));

ogg('what goes in comes out: as many samples, in place', async () => {
  for (const [channels, samples] of /** @type {[1 | 2, number][]} */ ([
    [1, 48_001],
    [2, 30_000],
  ])) {
    const pcm = voice(samples, 48_000, channels);
    const file = await encode(pcm, { channels, bitrate: 96_000 });
    const back = await decode(file);
    assert.is(back.length, samples * channels);
    assert.ok(snr(pcm, back) > 12, `${snr(pcm, back)} dB`);
  }
});

for (const frameMs of /** @type {const} */ ([2.5, 5, 10, 20, 40, 60, 80, 100, 120])) {
  ogg(`frames of ${frameMs} ms: any length, down to one sample`, async () => {
    const frame = 48 * frameMs;
    for (const samples of [1, frame - 312, frame - 311, 2 * frame + 7]) {
      if (samples < 1) continue;
      const file = await encode(voice(samples, 48_000), { frameMs, complexity: 0 });
      assert.is((await decode(file)).length, samples, `${samples} samples`);
    }
  });
}

ogg('other rates are resampled, and back to the same length', async () => {
  for (const [sampleRate, samples] of [
    [44_100, 22_050],
    [44_100, 10_007],
    [16_000, 8_001],
    [96_000, 48_000],
  ]) {
    const pcm = voice(samples, sampleRate, 1);
    const back = await decode(await encode(pcm, { sampleRate, bitrate: 96_000 }), { sampleRate });
    assert.is(back.length, samples, `${sampleRate} Hz`);
    assert.ok(snr(pcm, back) > 12, `${sampleRate} Hz: ${snr(pcm, back)} dB`);
  }
});

ogg('pieces of any length make the same file', async () => {
  const pcm = voice(5000, 48_000, 2);
  const pieces = [pcm.subarray(0, 2), pcm.subarray(2, 7000), pcm.subarray(7000)];
  const whole = pagesOf(await encode(pcm, { channels: 2 }));
  const cut = pagesOf(await encode(pieces, { channels: 2 }));
  assert.equal(
    cut.map(({ body }) => body),
    whole.map(({ body }) => body),
  );
  const int16 = Int16Array.from(pcm, (x) => Math.round(32_767 * x));
  assert.is((await decode(await encode(int16, { channels: 2 }))).length, 10_000);
});

ogg('pages are as RFC 7845 asks for', async () => {
  for (const options of /** @type {import('sottovoce/files').EncodeOggOptions[]} */ ([
    { bitrate: 6000, frameMs: 2.5, rateControl: 'cbr' },
    { bitrate: 6000, rateControl: 'cbr' },
    { bitrate: 510_000, frameMs: 60 },
    { bitrate: 64_000 },
  ])) {
    const pages = pagesOf(await encode(voice(96_005, 48_000), { ...options, complexity: 0 }));
    assert.is(pages[0].flags, 2, 'begins');
    assert.is(pages[0].granule, 0);
    assert.is(pages[0].lacing.length, 1, 'the first header has its own page');
    assert.is(pages[1].granule, 0);
    assert.is(pages.at(-1)?.flags, 4, 'ends');
    assert.is(pages.at(-1)?.granule, 312 + 96_005);
    pages.forEach(({ sequence, serial }, i) => {
      assert.is(sequence, i);
      assert.is(serial, pages[0].serial);
    });
    // No page lasts longer than a second, and each tells how many samples it ends at.
    let end = 0;
    const frame = 48 * (options.frameMs ?? 20);
    for (const { lacing, granule } of pages.slice(2, -1)) {
      end += lacing.filter((length) => length < 255).length * frame;
      assert.is(granule, end);
    }
    const audio = pages.slice(1);
    audio.slice(1).forEach((page, i) => {
      assert.ok(page.granule - audio[i].granule <= 48_000);
    });
  }
});

ogg('headers tell what was asked for', async () => {
  const tags = { TITLE: 'Grüße, 世界', comment: 'a=b' };
  const file = await encode(voice(960, 48_000, 2), {
    channels: 2,
    sampleRate: 44_100,
    gain: -6.5,
    tags,
  });
  const [stream, packet] = await all(readOgg(file));
  assert.ok(stream.kind === 'stream' && packet.kind === 'packet');
  assert.equal(stream.head, {
    channels: 2,
    preSkip: 312,
    inputSampleRate: 44_100,
    gain: -6.5,
    mappingFamily: 0,
    streams: 1,
    coupledStreams: 1,
    mapping: [0, 1],
  });
  assert.equal(Object.fromEntries(stream.tags.comments), { ENCODER: 'sottovoce', ...tags });
  assert.equal([packet.samples, packet.skip, packet.play], [960, 312, 648]);
});

ogg('the gain of the header is applied', async () => {
  const pcm = voice(48_000, 48_000);
  const loud = energy(await decode(await encode(pcm)));
  const quiet = energy(await decode(await encode(pcm, { gain: -6 })));
  assert.ok(Math.abs(10 * Math.log10(loud / quiet) - 6) < 0.01);
});

ogg('chained streams follow one another, also of other channels', async () => {
  const one = await encode(voice(4800, 48_000));
  const two = await encode(voice(960, 48_000, 2), { channels: 2 });
  const events = await all(readOgg(join([one, two, one])));
  const kinds = events.map(({ kind }) => kind).filter((kind) => kind !== 'packet');
  assert.equal(kinds, ['stream', 'end', 'stream', 'end', 'stream', 'end']);
  assert.is((await decode(join([one, two]))).length, 5760, 'mono, as the first');
  assert.is((await decode(join([two, one]))).length, 2 * 5760, 'stereo, as the first');
  assert.is((await decode(join([one, two]), { channels: 2 })).length, 2 * 5760);
});

ogg('of streams side by side the one that is Opus is read', async () => {
  const file = pagesOf(await encode(voice(4800, 48_000)));
  const other = { granule: 0, serial: 7, sequence: 0, lacing: [7], body: bytes('\x01vorbis') };
  const mixed = [
    { ...other, flags: 2 },
    file[0],
    { ...other, flags: 0, sequence: 1 },
    ...file.slice(1),
    { ...other, flags: 4, sequence: 2 },
  ];
  assert.is((await decode(writePages(mixed))).length, 4800);
});

ogg('a file cut out of a live stream starts late', async () => {
  const late = pagesOf(await encode(voice(96_000, 48_000))).map((page, i) =>
    i < 2 ? page : { ...page, granule: page.granule + 5_000_000 },
  );
  assert.is((await decode(writePages(late))).length, 96_000);
});

const bytes = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));

ogg('the test writes pages as the encoder does', async () => {
  const file = await encode(voice(960, 48_000));
  assert.equal(writePages(pagesOf(file)), file);
});

ogg('what is no Ogg Opus is refused, by name', async () => {
  const vorbis = {
    flags: 2,
    granule: 0,
    serial: 1,
    sequence: 0,
    lacing: [7],
    body: bytes('\x01vorbis'),
  };
  for (const [file, code, message] of /** @type {[Uint8Array, string, RegExp][]} */ ([
    [new Uint8Array(), 'empty', /empty/],
    [bytes('RIFFxxxxWAVEfmt '), 'not-ogg', /not an Ogg file/],
    [bytes('Ogg'), 'not-ogg', /not an Ogg file/],
    [bytes('OggS'), 'truncated', /cut off/],
    [writePage(vorbis), 'not-opus', /Vorbis/],
    [writePages([vorbis, { ...vorbis, flags: 0, sequence: 1 }]), 'not-opus', /Vorbis/],
  ])) {
    const error = await read(file);
    assert.instance(error, FileError);
    assert.is(error.code, code);
    assert.match(error.message, message);
  }
});

ogg('a file that is cut anywhere is called truncated', async () => {
  const file = await encode(voice(9600, 48_000), { frameMs: 20 });
  for (const length of [5, 30, 46, 47, 60, 200, file.length - 200, file.length - 1]) {
    assert.is((await read(file.subarray(0, length))).code, 'truncated', `${length} bytes`);
  }
  const pages = pagesOf(await encode(voice(3 * 48_000, 48_000), { complexity: 0 }));
  const got = [];
  const error = await rejection(
    (async () => {
      for await (const event of readOgg(writePages(pages.slice(0, -1)))) got.push(event.kind);
    })(),
  );
  assert.is(error.code, 'truncated', 'only the last page is missing');
  assert.is(got.filter((kind) => kind === 'packet').length, 150, 'what is there was told');
});

ogg('pages that contradict each other are called corrupt', async () => {
  const file = await encode(voice(3 * 48_000, 48_000), { complexity: 0 });
  const pages = pagesOf(file);
  const change = (i, changes) =>
    writePages(pages.map((page, k) => (k === i ? { ...page, ...changes } : page)));
  const flipped = file.slice();
  flipped[file.length - 3] ^= 1;
  for (const [broken, message] of /** @type {[Uint8Array, RegExp][]} */ ([
    [flipped, /wrong checksum/],
    [writePages(pages.filter((_, i) => i !== 2)), /is number 3, not 2/],
    [writePages([pages[0], pages[1], pages[3], pages[2]]), /is number 3/],
    [writePages(pages.slice(1)), /first page is missing/],
    [change(2, { flags: 1 }), /continues nothing/],
    [change(2, { body: new Uint8Array(pages[2].body.length).fill(255) }), /not Opus/],
    [change(1, { body: bytes('OpusTags\xff\xff\xff\x7f'), lacing: [12] }), /comment/],
    [change(0, { body: pages[0].body.slice(0, 12), lacing: [12] }), /too short/],
    [change(0, { body: withByte(pages[0].body, 9, 0) }), /no channels/],
    [join([file, bytes('garbage after the end')]), /no Ogg page/],
  ])) {
    const error = await read(broken);
    assert.instance(error, FileError, String(message));
    assert.is(error.code, 'corrupt', error.message);
    assert.match(error.message, message);
  }
  const future = await read(change(0, { body: withByte(pages[0].body, 8, 16) }));
  assert.is(future.code, 'unsupported');
});

const withByte = (source, at, value) => source.map((byte, i) => (i === at ? value : byte));

ogg('more than two channels are refused before anything is decoded', async () => {
  const pages = pagesOf(await encode(voice(960, 48_000)));
  const head = new Uint8Array(21 + 6);
  head.set(pages[0].body);
  head.set([1, 4, 2, 0, 4, 1, 2, 3, 5], 18);
  head[9] = 6;
  pages[0] = { ...pages[0], body: head, lacing: [head.length] };
  const error = await rejection(decodeOgg(writePages(pages)));
  assert.is(error.code, 'unsupported');
  assert.match(error.message, /6 channels in 4 streams/);
});

ogg('wrong arguments are refused', async () => {
  const options = [
    { channels: 3 },
    { sampleRate: 100 },
    { gain: 200 },
    { tags: { 'A=B': 'x' } },
    { tags: { A: 1 } },
    { frameMs: 7 },
    { nosuch: 1 },
  ];
  for (const wrong of options) {
    const error = await rejection(encode(voice(960, 48_000), /** @type {any} */ (wrong)));
    assert.is(error.code, 'bad-argument', JSON.stringify(wrong));
  }
  assert.is((await rejection(encode(new Float32Array(), {}))).code, 'empty');
  assert.is((await rejection(encode(new Float32Array(3), { channels: 2 }))).code, 'bad-argument');
  for (const pcm of [null, 'text', [new Uint8Array(4)], 5]) {
    assert.is((await rejection(encode(/** @type {any} */ (pcm)))).code, 'bad-argument');
  }
  for (const source of [null, 'text', [1, 2], 5]) {
    assert.is((await read(/** @type {any} */ (source))).code, 'bad-argument');
  }
});

ogg('a consumer that stops early closes the source', async () => {
  const file = await encode(voice(48_000, 48_000));
  let closed = false;
  async function* source() {
    try {
      for (let at = 0; at < file.length; at += 100) yield file.subarray(at, at + 100);
    } finally {
      closed = true;
    }
  }
  for await (const pcm of await decodeOgg(source())) if (pcm.length > 0) break;
  assert.ok(closed);
});

ogg.run();
