// Rewrites a WebAssembly module so that it keeps a running hash of everything that an observer of the
// cache, of the branch predictor and of division times could learn: the address of each load and
// store, the condition of each if, br_if, br_table, select and call_indirect, the operands of each
// integer division, and the arguments of memory.copy and memory.fill. Two runs whose hashes are equal
// touched the same addresses and took the same branches in the same order.
//
// The bookkeeping is added to the module itself, behind its own functions and globals, so that no
// index of the original moves and nothing needs to be imported.
import { instruction, leb, Reader, SECTION, sections, signedLeb, TYPE } from './wasm-binary.js';

const I64 = TYPE.i64;
const I32 = TYPE.i32;

/**
 * @param {Uint8Array} bytes a module without imports
 * @returns {{ bytes: Uint8Array, sites: { func: number, offset: number, effect: string }[] }}
 */
export function instrument(bytes) {
  const list = sections(bytes);
  /** @returns {any} the section, if there is one @param {number} id */
  const of = (id) => list.find((section) => section.id === id);
  if (of(SECTION.import) && new Reader(bytes, of(SECTION.import).start).u32() > 0) {
    throw new Error('instrument: the module imports something');
  }
  const typeCount = vectorLength(bytes, of(SECTION.type));
  const functionCount = vectorLength(bytes, of(SECTION.function));
  const globalCount = vectorLength(bytes, of(SECTION.global));
  /** @type {{ func: number, offset: number, effect: string }[]} */
  const sites = [];
  const context = {
    trace: functionCount,
    globals: globalCount,
    params: parameterCounts(bytes, of(SECTION.type), of(SECTION.function)),
    sites,
  };

  /** @type {Map<number, number[][]>} */
  const added = new Map([
    // (i32 value, i32 site) -> i32, the value itself
    [SECTION.type, [[0x60, 2, I32, I32, 1, I32]]],
    [SECTION.function, [leb(typeCount)]],
    [
      SECTION.global,
      [
        [I64, 1, 0x42, 0, 0x0b], // hash
        [I32, 1, 0x41, 0, 0x0b], // events so far
        [I32, 1, 0x41, ...signedLeb(-1), 0x0b], // the event to capture
        [I32, 1, 0x41, 0, 0x0b], // its value
        [I32, 1, 0x41, 0, 0x0b], // its site
        [I64, 1, 0x42, 0, 0x0b], // the hash up to it
      ],
    ],
    [
      SECTION.export,
      ['hash', 'count', 'target', 'value', 'site', 'prefix'].map((name, i) => [
        ...text(`trace.${name}`),
        3,
        ...leb(globalCount + i),
      ]),
    ],
  ]);

  const out = [...bytes.subarray(0, 8)];
  const missing = [SECTION.global].filter((id) => !of(id));
  for (const section of list) {
    if (section.id === SECTION.custom) continue; // names and source maps would be wrong now
    for (const id of missing.filter((m) => m < section.id)) {
      pushSection(out, id, [...encodeVector(added.get(id) ?? [])]);
      missing.splice(missing.indexOf(id), 1);
    }
    if (section.id === SECTION.code) {
      pushSection(out, section.id, code(bytes, section, context));
    } else if (added.has(section.id)) {
      const reader = new Reader(bytes, section.start);
      const count = reader.u32();
      const items = added.get(section.id) ?? [];
      pushSection(out, section.id, [
        ...leb(count + items.length),
        ...bytes.subarray(reader.at, section.end),
        ...items.flat(),
      ]);
    } else {
      pushSection(out, section.id, bytes.subarray(section.start, section.end));
    }
  }
  return { bytes: Uint8Array.from(out), sites };
}

/** @param {number[][]} items */
function encodeVector(items) {
  return [...leb(items.length), ...items.flat()];
}

function text(name) {
  return [...leb(name.length), ...[...name].map((c) => c.charCodeAt(0))];
}

function vectorLength(bytes, section) {
  return section ? new Reader(bytes, section.start).u32() : 0;
}

function pushSection(out, id, content) {
  out.push(id, ...leb(content.length));
  for (let i = 0; i < content.length; i++) out.push(content[i]);
}

function code(bytes, section, context) {
  const reader = new Reader(bytes, section.start, section.end);
  const count = reader.u32();
  const out = [...leb(count + 1)];
  for (let func = 0; func < count; func++) {
    const size = reader.u32();
    const end = reader.at + size;
    const body = rewrite(bytes, new Reader(bytes, reader.at, end), func, context);
    out.push(...leb(body.length));
    for (const byte of body) out.push(byte);
    reader.at = end;
  }
  const trace = traceFunction(context.globals);
  out.push(...leb(trace.length), ...trace);
  return out;
}

/** Locals that a function may need to put operands aside: three i32, two i64, one of each other. */
const SPARE = [
  [3, TYPE.i32],
  [2, TYPE.i64],
  [1, TYPE.f32],
  [1, TYPE.f64],
  [1, TYPE.v128],
];

function rewrite(bytes, reader, func, context) {
  const groups = reader.u32();
  let declared = 0;
  const localsStart = reader.at;
  for (let i = 0; i < groups; i++) {
    declared += reader.u32();
    reader.skipNumber();
  }
  const out = [...leb(groups + SPARE.length), ...bytes.subarray(localsStart, reader.at)];
  for (const [n, type] of SPARE) out.push(n, type);
  const first = context.params[func] + declared;
  const spare = { [TYPE.i32]: first, [TYPE.i64]: first + 3, [TYPE.f32]: first + 5 };
  spare[TYPE.f64] = first + 6;
  spare[TYPE.v128] = first + 7;
  while (reader.at < reader.end) {
    const start = reader.at;
    const { effect, types } = instruction(reader);
    if (effect) {
      const site = context.sites.push({ func, offset: start, effect }) - 1;
      for (const byte of observe(types, effect === 'store', site, spare, context.trace))
        out.push(byte);
    }
    for (let i = start; i < reader.at; i++) out.push(bytes[i]);
  }
  return out;
}

/** How many parameters each function has: its declared locals come behind them. */
function parameterCounts(bytes, types, functions) {
  const reader = new Reader(bytes, types.start, types.end);
  const perType = Array.from({ length: reader.u32() }, () => {
    reader.skip(1); // 0x60
    const count = reader.u32();
    reader.skip(count);
    reader.skip(reader.u32());
    return count;
  });
  const list = new Reader(bytes, functions.start, functions.end);
  return Array.from({ length: list.u32() }, () => perType[list.u32()]);
}

const CONST = 0x41;
const CALL = 0x10;
const GET = 0x20;
const SET = 0x21;
const DROP = 0x1a;
const WRAP = 0xa7; // i32.wrap_i64

/**
 * Code that shows the operands on the stack to the trace function and leaves them as they were. Of a
 * store only the address is shown: what is stored may be secret.
 */
function observe(types, addressOnly, site, spare, trace) {
  const show = [CONST, ...signedLeb(site), CALL, ...leb(trace)];
  if (types.length === 1) return show; // it returns the value
  const used = {};
  const places = types.map((type) => {
    used[type] = (used[type] ?? -1) + 1;
    return spare[type] + used[type];
  });
  const out = [];
  for (let i = types.length - 1; i >= 0; i--) out.push(SET, ...leb(places[i]));
  types.forEach((type, i) => {
    const get = [GET, ...leb(places[i])];
    if (type === TYPE.i32 && (i === 0 || !addressOnly)) out.push(...get, ...show);
    else if (type === TYPE.i64 && types[0] === TYPE.i64) {
      out.push(...get, WRAP, ...show, DROP);
      out.push(...get, 0x42, 32, 0x88, WRAP, ...show, DROP, ...get); // i64.const 32, i64.shr_u
    } else out.push(...get);
  });
  return out;
}

/** Odd, from the golden ratio: spreads every bit of the event over the hash. */
const MULTIPLIER = [0x95, 0xf8, 0xa9, 0xfa, 0x97, 0xb7, 0xde, 0x9b, 0x9e, 0x7f];

/** (value, site) -> value; hashes the pair, counts it, and captures the one that was asked for. */
function traceFunction(globals) {
  const [hash, count, target, value, site, prefix] = [0, 1, 2, 3, 4, 5].map((i) =>
    leb(globals + i),
  );
  const get = (index) => [0x23, ...index];
  const set = (index) => [0x24, ...index];
  return [
    0, // no locals
    ...get(count),
    ...get(target),
    0x46, // i32.eq
    0x04,
    0x40, // if
    ...[GET, 0, ...set(value), GET, 1, ...set(site), ...get(hash), ...set(prefix)],
    0x0b,
    ...get(hash),
    ...[GET, 1, 0xad, 0x42, 32, 0x86], // i64.extend_i32_u, i64.const 32, i64.shl
    ...[GET, 0, 0xad, 0x84, 0x85], // extend, or, xor
    ...[0x42, ...MULTIPLIER, 0x7e], // multiply
    ...set(hash),
    ...get(hash),
    ...[...get(hash), 0x42, 29, 0x88, 0x85], // hash ^= hash >>> 29
    ...set(hash),
    ...[...get(count), CONST, 1, 0x6a, ...set(count)],
    GET,
    0,
    0x0b,
  ];
}
