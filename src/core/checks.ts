// Argument checks that throw through the subject's own error class.

/** Throws an error of the subject: `(message) => new CryptoError('type', message)`. */
export type Fail = (message: string) => Error;

/** What came, for a message: a type, never a value. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  return (value as { constructor?: { name?: string } }).constructor?.name ?? 'object';
}

/**
 * `value` must be a Uint8Array (a Buffer is one) whose memory was not taken away: a detached view has
 * length 0 and would pass for empty input.
 */
export function checkBytes(name: string, value: unknown, fail: Fail): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw fail(`"${name}" expected Uint8Array, got ${describe(value)}`);
  }
  if (value.length === 0 && isDetached(value.buffer)) {
    throw fail(`"${name}" expected a view of live memory, got a detached one`);
  }
}

/** Without `ArrayBuffer.prototype.detached`, which is newer than the runtimes that we support. */
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** As checkBytes, and exactly `length` long. */
export function checkLength(name: string, value: Uint8Array, length: number, fail: Fail): void {
  if (value.length !== length) {
    throw fail(`"${name}" expected ${length} bytes, got ${value.length}`);
  }
}

/** `value` must be an integer in `min..max`. */
export function checkInteger(
  name: string,
  value: unknown,
  min: number,
  max: number,
  fail: Fail,
): asserts value is number {
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    const got = typeof value === 'number' ? String(value) : describe(value);
    throw fail(`"${name}" expected an integer in ${min}..${max}, got ${got}`);
  }
}

/** Refuses option names that nobody reads: most often a misspelling. */
export function checkOptions(
  value: unknown,
  known: readonly string[],
  fail: Fail,
): asserts value is object {
  if (typeof value !== 'object' || value === null) {
    throw fail(`"options" expected an object, got ${describe(value)}`);
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw fail(`"options" has no "${key}"; known: ${known.join(', ')}`);
  }
}

/** `value` must be a function. */
export function checkFunction(name: string, value: unknown, fail: Fail): void {
  if (typeof value !== 'function')
    throw fail(`"${name}" expected a function, got ${describe(value)}`);
}

/** `value` must be an object with these methods, whatever its class: a clock, a transport, a core. */
export function checkMethods(
  name: string,
  value: unknown,
  methods: readonly string[],
  fail: Fail,
): void {
  const object = value as Record<string, unknown> | null | undefined;
  if (methods.every((method) => typeof object?.[method] === 'function')) return;
  const list = methods.map((method) => `${method}()`).join(', ');
  throw fail(`"${name}" expected an object with ${list}, got ${describe(value)}`);
}
