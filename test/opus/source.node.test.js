import { readFileSync } from 'node:fs';
import { createOpus, OpusDecoder, ownEngine } from 'sottovoce/opus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const source = suite('opus source');
const bytesOf = (name) => readFileSync(new URL(import.meta.resolve(`sottovoce/wasm/${name}.wasm`)));

source('bytes or compiled module of opus.wasm and call.wasm', () => {
  for (const name of ['opus', 'call']) {
    for (const from of [bytesOf(name), new WebAssembly.Module(bytesOf(name))]) {
      assert.is(createOpus(from).packetSamples(Uint8Array.of(0xfc)), 960);
    }
  }
});

source('every module with a decoder decodes', async () => {
  for (const name of ['opus-decoder', 'opus', 'call']) {
    for (const from of [bytesOf(name), new WebAssembly.Module(bytesOf(name))]) {
      const decoder = await OpusDecoder.create({ engine: ownEngine(from) });
      assert.is(decoder.decode(Uint8Array.of(0xfc, 1, 2, 3)).length, 960);
      decoder.close();
    }
  }
  assert.throws(
    () => ownEngine(bytesOf('crypto')),
    (error) => error.code === 'bad-module',
  );
});

source('another module is refused', () => {
  for (const wrong of [bytesOf('crypto'), Uint8Array.of(1, 2, 3)]) {
    assert.throws(
      () => createOpus(wrong),
      (error) => error.code === 'bad-module',
    );
  }
});

source.run();
