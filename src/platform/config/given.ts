import { allowedNames } from "./allowedNames.ts";
import type { Problem } from "./configError.ts";
import { groups, isFree, settings } from "./settings.ts";
import { isMapping } from "./tree.ts";

/** A value somebody gave for a setting. */
export interface Given {
  /** The keys that lead to it; more than dots could say, because free keys may hold dots. */
  keys: readonly string[];
  value: unknown;
  /** Where it came from: the path of a file or the name of an environment variable. */
  origin: string;
}

/** What one source gave, and what could not be read there. */
export interface Source {
  given: Given[];
  problems: Problem[];
}

/** Takes a tree of groups apart into settings. What is undefined, and a group that is null, counts as not given. */
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
    const known = groups.get(path);
    if (!known && !isFree(path)) {
      problem(allowedNames(keys.at(-1) ?? "", groups.get(keys.slice(0, -1).join(".")) ?? []));
    } else if (known && isMapping(value)) {
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
