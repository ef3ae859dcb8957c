/** Handlers of named events. */
export class Emitter<Events extends Record<string, unknown>> {
  readonly #handlers: Map<keyof Events, Set<(value: never) => void>> = new Map();

  /** Adds a handler; the result removes it. A handler is called once for each time it was added. */
  on<Name extends keyof Events>(name: Name, handler: (value: Events[Name]) => void): () => void {
    const own = (value: Events[Name]): void => handler(value);
    const set = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, set.add(own));
    return () => void set.delete(own);
  }

  /** Somebody listens. */
  has(name: keyof Events): boolean {
    return (this.#handlers.get(name)?.size ?? 0) > 0;
  }

  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const handler of [...(this.#handlers.get(name) ?? [])]) {
      (handler as (value: Events[Name]) => void)(value);
    }
  }

  clear(): void {
    this.#handlers.clear();
  }
}
