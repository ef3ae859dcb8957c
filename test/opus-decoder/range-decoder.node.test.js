// The range decoder against an encoder written from RFC 6716, section 5.1, with one long integer.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiate } from '../support/node-assembly.js';
import { prng } from '../support/prng.js';

const { wasm, put } = await instantiate('silk-debug');
const range = suite('range decoder');
const bitLength = (x) => 32 - Math.clz32(x);

/** Encodes without carries: the whole code is one integer of 31 + 8 * `steps` bits. */
function encoder() {
  let low = 0n;
  let width = 2 ** 31;
  let steps = 0;
  const raw = [];
  const encode = (from, to, total) => {
    const scale = Math.floor(width / total);
    if (from > 0) low += BigInt(width - scale * (total - from));
    width = from > 0 ? scale * (to - from) : width - scale * (total - to);
    for (; width <= 2 ** 23; steps++) {
      low <<= 8n;
      width *= 256;
    }
  };
  const rawBits = (value, count) => {
    for (let i = 0; i < count; i++) raw.push((value >>> i) & 1);
  };
  return {
    bit: (bit, logp) => encode(bit ? 2 ** logp - 1 : 0, bit ? 2 ** logp : 2 ** logp - 1, 2 ** logp),
    icdf: (symbol, table) => encode(symbol ? 256 - table[symbol - 1] : 0, 256 - table[symbol], 256),
    uint: (value, total) => {
      const extra = Math.max(0, bitLength(total - 1) - 8);
      const top = Math.floor(value / 2 ** extra);
      encode(top, top + 1, Math.floor((total - 1) / 2 ** extra) + 1);
      rawBits(value % 2 ** extra, extra);
    },
    rawBits,
    tell: () => 33 + 8 * steps + raw.length - bitLength(width),
    width: () => width,
    /** The frame: the shortest number in the range from the front, raw bits from the back. */
    finish(spare) {
      let zeros = 31n;
      let end;
      for (; ; zeros--) {
        end = ((low + (1n << zeros) - 1n) >> zeros) << zeros;
        if (end + (1n << zeros) <= low + BigInt(width)) break;
      }
      const digits = (end << 1n).toString(16).padStart(8 + 2 * steps, '0');
      const front = (digits.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
      while (front.at(-1) === 0) front.pop();
      const frame = new Uint8Array(front.length + Math.ceil(raw.length / 8) + spare);
      frame.set(front);
      raw.forEach((bit, i) => {
        frame[frame.length - 1 - (i >> 3)] |= bit << (i & 7);
      });
      return frame;
    },
  };
}

const table = Uint8Array.of(240, 200, 120, 60, 3, 1, 0);
const decoder = wasm.allocate(wasm.RANGE_DECODER_SIZE);

range('a fresh decoder has used one bit', () => {
  wasm.rangeDecoderInit(decoder, put(Uint8Array.of(0x55, 0xaa)), 2);
  assert.is(wasm.tell(decoder), 1);
  assert.is(wasm.tellFrac(decoder), 8);
});

range('what was encoded comes back, with the same count of bits and the same range', () => {
  const icdf = put(table);
  for (let seed = 1; seed <= 40; seed++) {
    const random = prng(seed);
    const enc = encoder();
    const expected = [];
    for (let i = 0; i < 120; i++) {
      const kind = random.int(4);
      if (kind === 0) {
        const logp = 1 + random.int(15);
        const bit = random.int(3) === 0 ? 1 : 0;
        enc.bit(bit, logp);
        expected.push([wasm.decodeBit, logp, bit]);
      } else if (kind === 1) {
        const symbol = random.int(table.length);
        enc.icdf(symbol, table);
        expected.push([(d) => wasm.decodeIcdf(d, icdf, 8), 0, symbol]);
      } else if (kind === 2) {
        const total = 2 + random.int(2 ** (1 + random.int(31)));
        const value = random.int(total);
        enc.uint(value, total);
        expected.push([(d, n) => wasm.decodeUint(d, n) >>> 0, total, value]);
      } else {
        const count = random.int(26);
        const value = random.int(2 ** count);
        enc.rawBits(value, count);
        expected.push([(d, n) => wasm.decodeRawBits(d, n) >>> 0, count, value]);
      }
      expected.at(-1).push(enc.tell());
    }
    const frame = enc.finish(random.int(4));
    const at = put(frame);
    wasm.rangeDecoderInit(decoder, at, frame.length);
    for (const [decode, parameter, value, tell] of expected) {
      assert.is(decode(decoder, parameter), value);
      assert.is(wasm.tell(decoder), tell);
      assert.is(Math.ceil(wasm.tellFrac(decoder) / 8), tell);
    }
    assert.is(wasm.finalRange(decoder) >>> 0, enc.width());
    wasm.release(at, frame.length);
  }
});

range('beyond the ends of a frame there are zeros, whatever lies there', () => {
  const bytes = prng(9).bytes(64);
  const read = (padded) => {
    const at = put(padded);
    const results = [];
    wasm.rangeDecoderInit(decoder, at + 16, 8);
    for (let i = 0; i < 60; i++)
      results.push(wasm.decodeUint(decoder, 256), wasm.decodeRawBits(decoder, 9));
    wasm.release(at, padded.length);
    return results;
  };
  const other = bytes.map((byte, i) => (i >= 16 && i < 24 ? byte : ~byte));
  assert.equal(read(bytes), read(other));
});

range('an empty frame decodes to something', () => {
  wasm.rangeDecoderInit(decoder, 16, 0);
  for (let i = 0; i < 1000; i++) assert.ok(wasm.decodeUint(decoder, 300) >>> 0 < 300);
});

range.run();
