/** A mapping of keys to values or to further mappings. */
export interface Tree {
  [key: string]: unknown;
}

export const isMapping = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Sets the value at the path `keys`, creating missing mappings on the way. `__proto__` is a key like any other. */
export function setAt(tree: Tree, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    Object.defineProperty(tree, key, { value, writable: true, enumerable: true, configurable: true });
    return;
  }
  const inner = at(tree, [key]);
  const mapping = isMapping(inner) ? inner : {};
  if (mapping !== inner) setAt(tree, [key], mapping);
  setAt(mapping, rest, value);
}

/** The value at the path `keys`; undefined if there is none. */
export const at = (tree: unknown, keys: readonly string[]): unknown =>
  keys.reduce((node, key) => (isMapping(node) && Object.hasOwn(node, key) ? node[key] : undefined), tree);

/** Removes the value at the path `keys`, and mappings that become empty by it. */
export function removeAt(tree: Tree, [key = "", ...rest]: readonly string[]): void {
  if (rest.length === 0) {
    delete tree[key];
    return;
  }
  const inner = at(tree, [key]);
  if (!isMapping(inner)) return;
  removeAt(inner, rest);
  if (Object.keys(inner).length === 0) delete tree[key];
}

/** `below` with `over` laid over it: mappings are merged key by key, lists of named objects by name; the rest is replaced. */
export function mergeTrees(below: unknown, over: unknown): unknown {
  if (isMapping(over)) {
    // A Map, so that keys such as __proto__ are ordinary keys.
    const all = new Map(Object.entries(isMapping(below) ? below : {}));
    for (const [key, value] of Object.entries(over)) all.set(key, mergeTrees(all.get(key), value));
    return Object.fromEntries(all);
  }
  if (!isNamedList(over) || !isNamedList(below)) return over;
  const all = new Map(below.map((item) => [item.name, item as unknown]));
  for (const item of over) all.set(item.name, mergeTrees(all.get(item.name), item));
  return [...all.values()];
}

const isNamedList = (value: unknown): value is { name: string }[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => isMapping(item) && typeof item.name === "string");
