import { shortForms } from "../../../platform/config/names2x.ts";
import { groups, names, type Setting } from "../../../platform/config/settings.ts";
import { at, isMapping, removeAt, setAt, type Tree } from "../../../platform/config/tree.ts";
import type { Override } from "./configLayers.ts";
import { DELETE_KEY, withoutDeletions } from "./deleteKey.ts";

/** A value of an update, below `deployments`, with the keys that it was given under. */
export interface Entry {
  keys: readonly string[];
  value: unknown;
}

// Looked up for each key of an update, which may have many thousands.
const settingsByName = new Map<string, Set<Setting>>();
const keysBySetting = new Map<Setting, string[][]>();
for (const [name, { setting }] of names) {
  const keys = name.split(".");
  keysBySetting.set(setting, [...(keysBySetting.get(setting) ?? []), keys.slice(1)]);
  for (const depth of keys.keys()) {
    const group = keys.slice(0, depth + 1).join(".");
    settingsByName.set(group, (settingsByName.get(group) ?? new Set()).add(setting));
  }
}

/**
 * The stored override after an update: keys given are merged at any depth, DELETE_KEY removes a key, and mappings that
 * become empty are removed too. A setting replaces the value stored under another of its names. Lists are replaced.
 */
export function mergeOverride(stored: Override, update: Override): Override {
  const tree = structuredClone(withoutDeletions(stored)) as Tree;
  const entries = entriesOf(update);
  const deletions = entries.filter(({ value }) => value === DELETE_KEY);
  const values = entries.filter(({ value }) => value !== DELETE_KEY && !isMapping(value));
  // Newer names come last, so that they replace older ones in the same update.
  const older = values.filter((entry) => !isNewer(entry));
  for (const { keys } of deletions) for (const same of [keys, ...otherNamesOf(keys)]) remove(tree, same);
  for (const { keys, value } of [...older, ...values.filter(isNewer)]) {
    for (const same of otherNamesOf(keys)) remove(tree, same);
    setAt(tree, keys, withoutDeletions(value));
  }
  return tree;
}

/**
 * The values of an update that are not mappings, and empty mappings, which change nothing. A group given as a boolean
 * becomes the name that it stands for.
 */
export function entriesOf(update: Override): Entry[] {
  const visit = (value: unknown, keys: readonly string[]): Entry[] => {
    if (isMapping(value) && Object.keys(value).length > 0)
      return Object.entries(value).flatMap(([key, inner]) => visit(inner, [...keys, key]));
    const shortFor = typeof value === "boolean" ? shortForms.get(nameOf(keys)) : undefined;
    return [{ keys: shortFor === undefined ? keys : [...keys, shortFor], value }];
  };
  return visit(update, []);
}

/** The settings that a name stands for: one, or all those of a group. None for keys within a setting's value. */
export const settingsAt = (keys: readonly string[]): readonly Setting[] => [
  ...(settingsByName.get(nameOf(keys)) ?? []),
];

/** Other keys that mean the same, or a part of it. */
function otherNamesOf(keys: readonly string[]): string[][] {
  const name = nameOf(keys);
  const covered = settingsAt(keys).flatMap((setting) => keysOf(setting));
  if (covered.length > 0) return covered.filter((other) => nameOf(other) !== name);
  for (let depth = keys.length - 1; depth > 0; depth -= 1) {
    const setting = names.get(nameOf(keys.slice(0, depth)))?.setting;
    if (!setting) continue;
    const same = keysOf(setting).map((other) => [...other, ...keys.slice(depth)]);
    return same.filter((other) => nameOf(other) !== name);
  }
  return [];
}

const keysOf = (setting: Setting): readonly string[][] => keysBySetting.get(setting) ?? [];

/** Some names are also groups: what is stored below them stays. */
function remove(tree: Tree, keys: readonly string[]): void {
  if (groups.has(nameOf(keys)) && names.has(nameOf(keys)) && isMapping(at(tree, keys))) return;
  removeAt(tree, keys);
}

const isNewer = ({ keys }: Entry) => names.get(nameOf(keys))?.newer === true;

const nameOf = (keys: readonly string[]) => ["deployments", ...keys].join(".");
