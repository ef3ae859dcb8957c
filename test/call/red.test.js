import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseRed, writeRedHeaders } from 'sottovoce/internal';
import { prng } from '../support/prng.js';

const red = suite('call/red');

red('the layout of RFC 2198, section 3', () => {
  const target = new Uint8Array(16);
  const copies = [
    { age: 1920, length: 2 },
    { age: 960, length: 257 },
  ];
  assert.is(writeRedHeaders(target, 1, 111, copies), 10);
  assert.equal([...target.subarray(0, 10)], [0, 0xef, 30, 0, 2, 0xef, 15, 1, 1, 111]);
});

red('back and forth', () => {
  const random = prng(5);
  for (let copies = 0; copies <= 3; copies++) {
    const blocks = Array.from({ length: copies }, (_, i) => ({
      age: 16_383 - 5000 * i,
      bytes: random.bytes(random.int(1024)),
    }));
    const own = random.bytes(random.int(100));
    const packet = new Uint8Array(5000);
    let at = writeRedHeaders(
      packet,
      0,
      111,
      blocks.map(({ age, bytes }) => ({ age, length: bytes.length })),
    );
    for (const bytes of [...blocks.map(({ bytes }) => bytes), own]) {
      packet.set(bytes, at);
      at += bytes.length;
    }
    const parsed = parseRed(packet.subarray(0, at));
    assert.equal(parsed, [
      ...blocks.map(({ age, bytes }) => ({ payloadType: 111, age, payload: bytes })),
      { payloadType: 111, age: 0, payload: own },
    ]);
  }
});

red('hostile bytes: views inside the packet, or null', () => {
  const random = prng(6);
  assert.is(parseRed(new Uint8Array(0)), null);
  assert.is(parseRed(Uint8Array.of(0xef, 0, 0, 0)), null, 'no header of its own');
  assert.is(parseRed(Uint8Array.of(0xef, 0, 0, 1, 111)), null, 'a byte that is not there');
  assert.is(parseRed(new Uint8Array(60).fill(0xff)), null, 'copies without end');
  for (let i = 0; i < 5000; i++) {
    const bytes = random.bytes(random.int(40));
    if (random.int(2) === 0 && bytes.length > 4) bytes[0] = 111;
    const blocks = parseRed(bytes);
    const total = (blocks ?? []).reduce((sum, { payload }) => sum + payload.length, 0);
    assert.ok(total <= bytes.length);
  }
});

red.run();
