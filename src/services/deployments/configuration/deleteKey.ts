import { isMapping } from "../../../platform/config/tree.ts";

/** In an update of an override: takes the key out of the stored override, so that the layers below apply again. */
export const DELETE_KEY = "DELETE_KEY";

/**
 * The value without the keys to delete, also within lists, and without mappings that become empty. Earlier versions
 * stored DELETE_KEY: there it means that the override does not contain the key.
 */
export function withoutDeletions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDeletions);
  if (!isMapping(value)) return value;
  const kept = Object.entries(value).flatMap(([key, before]) => {
    const after = withoutDeletions(before);
    return after === DELETE_KEY || (isEmpty(after) && !isEmpty(before)) ? [] : [[key, after] as const];
  });
  return Object.fromEntries(kept);
}

const isEmpty = (value: unknown) => isMapping(value) && Object.keys(value).length === 0;
