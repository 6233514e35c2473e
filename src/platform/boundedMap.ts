/**
 * A Map of at most `max` entries: adding one to a full Map removes the oldest. For the many small caches of single
 * documents, each of which would cost about 3 KB with the lru-cache package and costs 0.3 KB so.
 */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #max: number;

  constructor(max: number) {
    super();
    this.#max = max;
  }

  override set(key: Key, value: Value): this {
    if (this.size >= this.#max && !this.has(key)) {
      for (const oldest of this.keys()) {
        this.delete(oldest);
        break;
      }
    }
    return super.set(key, value);
  }
}
