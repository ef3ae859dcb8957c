// Compiles a module that is not shipped, so that stages inside ours can be tested one by one.
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** @type {Map<string, Promise<any>>} */
const compiled = new Map();

async function compile(entry) {
  /** @type {Uint8Array | undefined} */
  let wasm;
  const options =
    '-O1 --noAssert --runtime minimal --enable simd --use abort= --initialMemory 12 --outFile out.wasm';
  const { error, stderr } = await main(
    [`assembly/entry/${entry}.ts`, '--baseDir', root, ...options.split(' ')],
    {
      writeFile: (_name, contents) => {
        wasm = /** @type {Uint8Array} */ (contents);
      },
    },
  );
  if (error || wasm === undefined) throw new Error(`${entry}: ${stderr.toString()}`);
  return new WebAssembly.Module(/** @type {BufferSource} */ (wasm));
}

/**
 * A fresh instance of assembly/entry/ENTRY.ts: its exports, constants as numbers, and typed views.
 * @param {string} entry
 */
export async function instantiate(entry) {
  if (!compiled.has(entry)) compiled.set(entry, compile(entry));
  const { exports } = new WebAssembly.Instance(await compiled.get(entry));
  /** @type {Record<string, any>} */
  const wasm = {};
  for (const [name, value] of Object.entries(exports)) {
    wasm[name] = value instanceof WebAssembly.Global ? value.value : value;
  }
  const memory = /** @type {WebAssembly.Memory} */ (exports.memory);
  return {
    wasm,
    memory,
    /** The exports themselves: the value of a global that changes is read here. */
    exports: /** @type {Record<string, any>} */ (exports),
    /** A block with these bytes. @param {ArrayBufferView} data */
    put(data) {
      const address = wasm.allocate(data.byteLength);
      new Uint8Array(memory.buffer, address, data.byteLength).set(
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      );
      return address;
    },
    /** @param {number} address @param {number} count */
    int16: (address, count) => new Int16Array(memory.buffer, address, count),
    /** @param {number} address @param {number} count */
    int32: (address, count) => new Int32Array(memory.buffer, address, count),
  };
}
