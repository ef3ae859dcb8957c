// Reads and writes the parts of the WebAssembly binary format (core specification 2.0, chapter 5) that
// instrumenting needs: sections, LEB128 numbers and the extent of every instruction.

/** A cursor over bytes. */
export class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  u8() {
    if (this.at >= this.end) throw new Error(`wasm: cut off at byte ${this.at}`);
    return this.bytes[this.at++];
  }

  /** Unsigned LEB128, up to 32 bits. */
  u32() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }

  /** Skips a LEB128 number of any size and sign. */
  skipNumber() {
    while (this.u8() >= 128);
  }

  skip(length) {
    this.at += length;
    if (this.at > this.end) throw new Error('wasm: cut off');
  }

  name() {
    const length = this.u32();
    const text = String.fromCharCode(...this.bytes.subarray(this.at, this.at + length));
    this.skip(length);
    return text;
  }
}

/** Unsigned LEB128. */
export function leb(value) {
  const out = [];
  do {
    const byte = value % 128;
    value = Math.floor(value / 128);
    out.push(value > 0 ? byte | 128 : byte);
  } while (value > 0);
  return out;
}

/** Signed LEB128 of a 32-bit number. */
export function signedLeb(value) {
  const out = [];
  for (;;) {
    const byte = value & 127;
    value >>= 7;
    if ((value === 0 && !(byte & 64)) || (value === -1 && byte & 64)) {
      out.push(byte);
      return out;
    }
    out.push(byte | 128);
  }
}

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  global: 6,
  export: 7,
  code: 10,
};

/** Sections in order: `{ id, start, end }` of the content. */
export function sections(bytes) {
  const reader = new Reader(bytes, 8);
  const list = [];
  while (reader.at < bytes.length) {
    const id = reader.u8();
    const size = reader.u32();
    list.push({ id, start: reader.at, end: reader.at + size });
    reader.skip(size);
  }
  return list;
}

export const TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** @typedef {{ kind: string, operands?: number[] }} Effect what an instruction tells an observer */

const LOADS = [0x28, 0x29, 0x2a, 0x2b, ...span(0x2c, 0x35)];
const STORES = new Map([
  [0x36, TYPE.i32],
  [0x37, TYPE.i64],
  [0x38, TYPE.f32],
  [0x39, TYPE.f64],
  [0x3a, TYPE.i32],
  [0x3b, TYPE.i32],
  [0x3c, TYPE.i64],
  [0x3d, TYPE.i64],
  [0x3e, TYPE.i64],
]);
const MEMARG_SIMD = [...span(0, 11), 92, 93];
const LANE_MEMARG_SIMD = span(84, 91);

function span(first, last) {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/**
 * Reads one instruction and says what an observer of addresses, branches and of the time of divisions
 * would learn from it. The cursor stands behind it afterwards.
 * @param {Reader} reader
 * @returns {{ opcode: number, effect: string | null, types?: number[] }} `types`: operands on the
 *   stack from the bottom up, of which i32 ones are observed
 */
export function instruction(reader) {
  const opcode = reader.u8();
  if (LOADS.includes(opcode)) {
    memarg(reader);
    return { opcode, effect: 'load', types: [TYPE.i32] };
  }
  const stored = STORES.get(opcode);
  if (stored !== undefined) {
    memarg(reader);
    return { opcode, effect: 'store', types: [TYPE.i32, stored] };
  }
  if (opcode >= 0x45 && opcode <= 0xc4) return numeric(opcode);
  switch (opcode) {
    case 0x02: // block
    case 0x03: // loop
      reader.skipNumber();
      return { opcode, effect: null };
    case 0x04: // if
      reader.skipNumber();
      return { opcode, effect: 'if', types: [TYPE.i32] };
    case 0x0d: // br_if
      reader.skipNumber();
      return { opcode, effect: 'br_if', types: [TYPE.i32] };
    case 0x0e: // br_table
      for (let n = reader.u32() + 1; n > 0; n--) reader.skipNumber();
      return { opcode, effect: 'br_table', types: [TYPE.i32] };
    case 0x11: // call_indirect
      reader.skipNumber();
      reader.skipNumber();
      return { opcode, effect: 'call_indirect', types: [TYPE.i32] };
    case 0x1b: // select
      return { opcode, effect: 'select', types: [TYPE.i32] };
    case 0x1c: // select t*
      for (let n = reader.u32(); n > 0; n--) reader.skipNumber();
      return { opcode, effect: 'select', types: [TYPE.i32] };
    case 0x0c: // br
    case 0x10: // call
    case 0x20: // local.get, set, tee; global.get, set
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x3f: // memory.size, grow
    case 0x40:
    case 0x41: // i32.const, i64.const
    case 0x42:
    case 0xd0: // ref.null, ref.func
    case 0xd2:
      reader.skipNumber();
      return { opcode, effect: null };
    case 0x43: // f32.const
      reader.skip(4);
      return { opcode, effect: null };
    case 0x44: // f64.const
      reader.skip(8);
      return { opcode, effect: null };
    case 0x00: // unreachable, nop, else, end, return, drop
    case 0x01:
    case 0x05:
    case 0x0b:
    case 0x0f:
    case 0x1a:
      return { opcode, effect: null };
    case 0xfc:
      return bulk(reader);
    case 0xfd:
      return simd(reader);
    default:
      throw new Error(`wasm: unknown opcode 0x${opcode.toString(16)} at byte ${reader.at - 1}`);
  }
}

/** Comparisons, arithmetic, conversions: only integer divisions take time that follows the values. */
function numeric(opcode) {
  if (opcode >= 0x6d && opcode <= 0x70)
    return { opcode, effect: 'division', types: [TYPE.i32, TYPE.i32] };
  if (opcode >= 0x7f && opcode <= 0x82)
    return { opcode, effect: 'division', types: [TYPE.i64, TYPE.i64] };
  return { opcode, effect: null };
}

function bulk(reader) {
  const sub = reader.u32();
  const three = [TYPE.i32, TYPE.i32, TYPE.i32];
  if (sub <= 7) return { opcode: 0xfc, effect: null }; // trunc_sat
  if (sub === 10) {
    reader.skip(2);
    return { opcode: 0xfc, effect: 'memory.copy', types: three };
  }
  if (sub === 11) {
    reader.skip(1);
    return { opcode: 0xfc, effect: 'memory.fill', types: three };
  }
  throw new Error(`wasm: unknown opcode 0xfc ${sub}`);
}

function simd(reader) {
  const sub = reader.u32();
  const opcode = 0xfd;
  if (MEMARG_SIMD.includes(sub)) {
    memarg(reader);
    return sub === 11
      ? { opcode, effect: 'store', types: [TYPE.i32, TYPE.v128] }
      : { opcode, effect: 'load', types: [TYPE.i32] };
  }
  if (LANE_MEMARG_SIMD.includes(sub)) {
    memarg(reader);
    reader.skip(1);
    return { opcode, effect: sub < 88 ? 'load' : 'store', types: [TYPE.i32, TYPE.v128] };
  }
  if (sub === 12 || sub === 13)
    reader.skip(16); // v128.const, i8x16.shuffle
  else if (sub >= 21 && sub <= 34) reader.skip(1); // extract_lane, replace_lane
  return { opcode, effect: null };
}

function memarg(reader) {
  reader.skipNumber();
  reader.skipNumber();
}
