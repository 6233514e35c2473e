import { isDeepStrictEqual } from "node:util";
import { check } from "../../../platform/config/check.ts";
import type { Config } from "../../../platform/config/config.ts";
import type { Problem } from "../../../platform/config/configError.ts";
import { givenIn } from "../../../platform/config/given.ts";
import { settings } from "../../../platform/config/settings.ts";
import { isMapping, setAt } from "../../../platform/config/tree.ts";

/** In an override: what layers below say about the key does not count, and the default we ship does. */
export const DELETE_KEY = "DELETE_KEY";

/** `deployments.*` settings that differ on one layer, in the form of the configuration file. */
export type Override = Record<string, unknown>;

type Settings = Config["deployments"];

/**
 * The settings `below` with an override laid over them. Groups merge key by key, lists of named things by name, everything
 * else is replaced. Says too what is wrong with the override: unknown names and values that are not allowed, for which the
 * settings below stay.
 */
export function layOver(below: Settings, override: Override): { deployments: Settings; problems: Problem[] } {
  const origin = "deploymentsConfigOverride";
  const { problems } = givenIn({ deployments: named(override) }, origin);
  const merged = merge(below, override) as Override;
  // What is changed from here on must not be what lies below.
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

/** True if what stands under `keys` (paths such as `helm`) is the same in both overrides. */
export const sameUnder = (keys: readonly string[], one: Override, other: Override): boolean =>
  keys.every((key) => isDeepStrictEqual(one[key], other[key]));

function merge(below: unknown, over: unknown): unknown {
  if (isMapping(over)) {
    // Own keys only, whatever they are called.
    const all = new Map(Object.entries(isMapping(below) ? below : {}));
    for (const [key, value] of Object.entries(over)) {
      if (value === DELETE_KEY) all.delete(key);
      else all.set(key, merge(all.get(key), value));
    }
    return Object.fromEntries(all);
  }
  if (!isNamedList(over) || !isNamedList(below)) return over;
  const all = new Map(below.map((one) => [one.name, one as unknown]));
  for (const one of over) all.set(one.name, merge(all.get(one.name), one));
  return [...all.values()];
}

/** The override with nothing where a key is deleted, so that its name is still looked at. */
function named(override: unknown): unknown {
  if (override === DELETE_KEY) return null;
  if (!isMapping(override)) return override;
  return Object.fromEntries(Object.entries(override).map(([key, value]) => [key, named(value)]));
}

const isNamedList = (value: unknown): value is { name: string }[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => isMapping(one) && typeof one.name === "string");

const at = (tree: unknown, keys: readonly string[]) =>
  keys.reduce<unknown>((node, key) => (isMapping(node) ? node[key] : undefined), tree);
