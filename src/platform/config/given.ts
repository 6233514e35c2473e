import { allowedNames } from "./allowedNames.ts";
import type { Problem } from "./configError.ts";
import { shortForms } from "./names2x.ts";
import { groupAt, nameAt } from "./ownProviders.ts";
import { isFree } from "./settings.ts";
import { isMapping } from "./tree.ts";

/** Unknown names for which similar ones are searched: that is slow, and an override may contain thousands. */
const MAX_SUGGESTIONS = 20;

/** A value that a source has for a setting. */
export interface Given {
  /** The keys of the setting's path. Not a dotted string, because free keys may contain dots. */
  keys: readonly string[];
  /** The name it was given under, which may differ from the path. */
  name: string;
  /** Whether that name takes precedence over the setting's path where a source has both. */
  newer: boolean;
  value: unknown;
  /** Where it came from: the path of a file or the name of an environment variable. */
  origin: string;
}

/** The values of one source, and the problems found while reading it. */
export interface Source {
  given: Given[];
  problems: Problem[];
}

/** A value given under one of the names of a setting, which may mean the opposite. */
export function givenAs(name: string, value: unknown, origin: string): Given {
  const { setting, newer = false, inverted = false } = nameAt(name) ?? {};
  const meant = inverted && typeof value === "boolean" ? !value : value;
  return { keys: (setting?.path ?? name).split("."), name, newer, value: meant, origin };
}

/** What a source gives, in the order in which it applies: newer names take precedence. */
export const inOrder = ({ given }: Pick<Source, "given">): Given[] => [
  ...given.filter(({ newer }) => !newer),
  ...given.filter(({ newer }) => newer),
];

/**
 * Splits a tree of groups into settings. Undefined values and groups that are null count as not set. With `own`,
 * unknown names are kept instead of being reported.
 */
export function givenIn(tree: unknown, origin: string, { own = false } = {}): Source {
  const source: Source = { given: [], problems: [] };
  const visit = (value: unknown, keys: readonly string[]) => {
    const path = keys.join(".");
    const problem = (message: string) => source.problems.push({ key: path || "the file", message, origin });
    const group = groupAt(path);
    const shortFor = shortForms.get(path);
    if (value === undefined) return;
    if (group && isMapping(value)) {
      for (const [key, inner] of Object.entries(value)) visit(inner, [...keys, key]);
    } else if (keys.at(-1)?.includes(".") && !isFree([...keys.slice(0, -1), "key"].join("."))) {
      // Joined, it would look like a nested name.
      problem("not a setting; write nested mappings instead of dots");
    } else if (nameAt(path)) {
      source.given.push(givenAs(path, value, origin));
    } else if (shortFor !== undefined && typeof value === "boolean") {
      visit(value, [...keys, shortFor]);
    } else if (isFree(path) || (own && !group)) {
      source.given.push({ keys, name: path, newer: false, value, origin });
    } else if (!group) {
      const isSuggested = source.problems.length < MAX_SUGGESTIONS;
      const allowed = groupAt(keys.slice(0, -1).join(".")) ?? [];
      problem(isSuggested ? allowedNames(keys.at(-1) ?? "", allowed) : "not a setting");
    } else if (value !== null) {
      problem(`must be a mapping of settings, not a ${Array.isArray(value) ? "list" : typeof value}`);
    }
  };
  visit(tree, []);
  return source;
}
