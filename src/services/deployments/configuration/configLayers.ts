import { isDeepStrictEqual } from "node:util";
import { check } from "../../../platform/config/check.ts";
import type { Config } from "../../../platform/config/config.ts";
import type { Problem } from "../../../platform/config/configError.ts";
import { givenIn } from "../../../platform/config/given.ts";
import { settings } from "../../../platform/config/settings.ts";
import { isMapping, setAt } from "../../../platform/config/tree.ts";

/** In an override: resets the key to the built-in default, ignoring the layers below. */
export const DELETE_KEY = "DELETE_KEY";

/** `deployments.*` settings that one layer overrides, in the format of the configuration file. */
export type Override = Record<string, unknown>;

type Settings = Config["deployments"];

/**
 * The settings `below` with an override applied. Groups are merged key by key, lists of named objects by name; everything
 * else is replaced. Also returns the problems of the override, unknown names and invalid values, for which the settings
 * below are kept.
 */
export function layOver(below: Settings, override: Override): { deployments: Settings; problems: Problem[] } {
  const origin = "deploymentsConfigOverride";
  const { problems } = givenIn({ deployments: withoutDeletions(override) }, origin);
  const merged = merge(below, override) as Override;
  // A copy, so that changes below do not modify the settings of the layers below.
  const result = structuredClone(merged);
  for (const { path, fallback } of settings.values()) {
    const [group, ...keys] = path.split(".");
    if (group !== "deployments") continue;
    const [before, value] = [at(below, keys), at(merged, keys)];
    if (value === before) continue;
    if (value === undefined) {
      setAt(result, keys, structuredClone(fallback));
      continue;
    }
    const checked = check({ keys: [group, ...keys], value, origin });
    problems.push(...checked.problems);
    setAt(result, keys, checked.value === undefined ? before : checked.value);
  }
  return { deployments: result as unknown as Settings, problems };
}

/** True if both overrides have the same values for `keys`. */
export const equalFor = (keys: readonly string[], a: Override, b: Override): boolean =>
  keys.every((key) => isDeepStrictEqual(a[key], b[key]));

function merge(below: unknown, over: unknown): unknown {
  if (isMapping(over)) {
    // A Map, so that keys such as __proto__ are ordinary keys.
    const all = new Map(Object.entries(isMapping(below) ? below : {}));
    for (const [key, value] of Object.entries(over)) {
      if (value === DELETE_KEY) all.delete(key);
      else all.set(key, merge(all.get(key), value));
    }
    return Object.fromEntries(all);
  }
  if (!isNamedList(over) || !isNamedList(below)) return over;
  const all = new Map(below.map((item) => [item.name, item as unknown]));
  for (const item of over) all.set(item.name, merge(all.get(item.name), item));
  return [...all.values()];
}

/** The override with null for deleted keys, so that their names are still validated. */
function withoutDeletions(override: unknown): unknown {
  if (override === DELETE_KEY) return null;
  if (!isMapping(override)) return override;
  return Object.fromEntries(Object.entries(override).map(([key, value]) => [key, withoutDeletions(value)]));
}

const isNamedList = (value: unknown): value is { name: string }[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => isMapping(item) && typeof item.name === "string");

const at = (tree: unknown, keys: readonly string[]) =>
  keys.reduce<unknown>((node, key) => (isMapping(node) ? node[key] : undefined), tree);
