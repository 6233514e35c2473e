/** A mapping of keys to values or to further mappings. */
export interface Tree {
  [key: string]: unknown;
}

export const isMapping = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Sets the value at the path `keys`, creating missing mappings on the way. */
export function setAt(tree: Tree, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const inner = tree[key];
  const mapping = isMapping(inner) ? inner : {};
  tree[key] = mapping;
  setAt(mapping, rest, value);
}
