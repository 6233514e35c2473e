import { isDeepStrictEqual } from "node:util";
import { check } from "../../../platform/config/check.ts";
import type { Config } from "../../../platform/config/config.ts";
import type { Problem } from "../../../platform/config/configError.ts";
import { type Given, givenIn, inOrder } from "../../../platform/config/given.ts";
import { settings } from "../../../platform/config/settings.ts";
import { at, mergeTrees, setAt, type Tree } from "../../../platform/config/tree.ts";
import { withoutDeletions } from "./deleteKey.ts";

/**
 * `deployments.*` settings that one layer overrides, in the format of the configuration file, under any of their names.
 */
export type Override = Record<string, unknown>;

type Settings = Config["deployments"];

const origin = "deploymentsConfigOverride";

/**
 * The settings `below` with an override applied. Groups are merged key by key, lists of named objects by name;
 * everything else is replaced. Also returns the problems of the override, for which the settings below are kept:
 * invalid values and, unless `own`, unknown names. A DELETE_KEY that an earlier version stored is ignored.
 */
export function layOver(
  below: Settings,
  override: Override,
  { own = true } = {},
): { deployments: Settings; problems: Problem[] } {
  const { given, problems } = read(override, own);
  const merged = mergeTrees(below, treeOf(given)) as Tree;
  // A copy, so that changes below do not modify the settings of the layers below.
  const result = structuredClone(merged);
  // Only the name that takes precedence is checked.
  const bySetting = new Map(given.map((one) => [one.keys.join("."), one]));
  for (const [path, { keys, name }] of bySetting) {
    if (!settings.has(path)) continue;
    const inner = keys.slice(1);
    const checked = check({ keys, name, value: at(merged, inner), origin });
    problems.push(...checked.problems);
    setAt(result, inner, checked.value === undefined ? at(below, inner) : checked.value);
  }
  return { deployments: result as unknown as Settings, problems };
}

/** The override with every setting under the name that Houston reads. */
export const withOurNames = (override: Override): Override => treeOf(read(override, true).given);

/** True if both overrides have the same values for `keys`. */
export const equalFor = (keys: readonly string[], a: Override, b: Override): boolean =>
  keys.every((key) => isDeepStrictEqual(a[key], b[key]));

function read(override: Override, own: boolean): { given: Given[]; problems: Problem[] } {
  const source = givenIn({ deployments: withoutDeletions(override) }, origin, { own });
  return { given: inOrder(source), problems: source.problems };
}

function treeOf(given: readonly Given[]): Tree {
  const tree: Tree = {};
  for (const { keys, value } of given) setAt(tree, keys.slice(1), value);
  return tree;
}
