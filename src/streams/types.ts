// WHATWG streams in types of our own, so that the declarations compile without DOM and Node types. Both
// of these are assignable to what `pipeThrough` and `pipeTo` of either world expect.

/** What `read()` of a reader resolves to. */
export type StreamReadResult<T> =
  | { readonly done: false; readonly value: T }
  | { readonly done: true; readonly value: undefined };

/** A `ReadableStream` of `T`. */
export interface ReadableOf<T> {
  readonly locked: boolean;
  cancel(reason?: unknown): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: overloads of DOM and Node differ in what a BYOB reader is
  getReader(options: { mode: 'byob' }): any;
  getReader(): ReadableReaderOf<T>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  getReader(options?: any): any;
  pipeThrough<U>(
    // biome-ignore lint/suspicious/noExplicitAny: the streams of either world
    transform: { readable: U; writable: any },
    // biome-ignore lint/suspicious/noExplicitAny: options name AbortSignal
    options?: any,
  ): U;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  pipeTo(destination: any, options?: any): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  tee(): [any, any];
  // biome-ignore lint/suspicious/noExplicitAny: what an iterator returns is void, undefined or any
  values(options?: { preventCancel?: boolean }): any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  [Symbol.asyncIterator](options?: { preventCancel?: boolean }): any;
}

/** Its default reader. */
export interface ReadableReaderOf<T> {
  // biome-ignore lint/suspicious/noExplicitAny: void here, undefined there
  readonly closed: Promise<any>;
  cancel(reason?: unknown): Promise<void>;
  read(): Promise<StreamReadResult<T>>;
  releaseLock(): void;
}

/** A `WritableStream` of `T`. */
export interface WritableOf<T> {
  readonly locked: boolean;
  abort(reason?: unknown): Promise<void>;
  close(): Promise<void>;
  getWriter(): WritableWriterOf<T>;
}

/** Its writer. */
export interface WritableWriterOf<T> {
  // biome-ignore lint/suspicious/noExplicitAny: void here, undefined there
  readonly closed: Promise<any>;
  readonly desiredSize: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly ready: Promise<any>;
  abort(reason?: unknown): Promise<void>;
  close(): Promise<void>;
  releaseLock(): void;
  write(chunk?: T): Promise<void>;
}

/** A `TransformStream` from `I` to `O`. */
export interface TransformOf<I, O> {
  readonly readable: ReadableOf<O>;
  readonly writable: WritableOf<I>;
}
