import { allowedNames } from "./allowedNames.ts";
import type { Problem } from "./configError.ts";
import { groups, isFree, settings } from "./settings.ts";
import { isMapping } from "./tree.ts";

/** A value that a source has for a setting. */
export interface Given {
  /** The keys of its path. Not a dotted string, because free keys may contain dots. */
  keys: readonly string[];
  value: unknown;
  /** Where it came from: the path of a file or the name of an environment variable. */
  origin: string;
}

/** The values of one source, and the problems found while reading it. */
export interface Source {
  given: Given[];
  problems: Problem[];
}

/** Splits a tree of groups into settings. Undefined values and groups that are null count as not set. */
export function givenIn(tree: unknown, origin: string): Source {
  const source: Source = { given: [], problems: [] };
  const visit = (value: unknown, keys: readonly string[]) => {
    const path = keys.join(".");
    const problem = (message: string) => source.problems.push({ key: path || "the file", message, origin });
    if (value === undefined) return;
    if (settings.has(path)) {
      source.given.push({ keys, value, origin });
      return;
    }
    const group = groups.get(path);
    if (!group && !isFree(path)) {
      problem(allowedNames(keys.at(-1) ?? "", groups.get(keys.slice(0, -1).join(".")) ?? []));
    } else if (group && isMapping(value)) {
      for (const [key, inner] of Object.entries(value)) visit(inner, [...keys, key]);
    } else if (isFree(path)) {
      source.given.push({ keys, value, origin });
    } else if (value !== null) {
      problem(`must be a mapping of settings, not a ${Array.isArray(value) ? "list" : typeof value}`);
    }
  };
  visit(tree, []);
  return source;
}
