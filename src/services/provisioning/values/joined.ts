import { isMapping, mergeTrees } from "../../../platform/config/tree.ts";
import type { HelmValues } from "./valuesContext.ts";

/** Parts of one tree of values, later ones laid over earlier ones. */
export const joined = (...parts: HelmValues[]): HelmValues => parts.reduce(mergeTrees, {}) as HelmValues;

/** The same without undefined values, which no YAML has. */
export function defined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(defined);
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, defined(inner)]])),
  );
}
