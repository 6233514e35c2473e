import { shortened } from "../errors/shortened.ts";
import { CredentialsError } from "./credentials.ts";

/** A mapping of a kubeconfig. Empty values count as absent, as for kubectl. */
export interface Entry {
  /** Where it is, for messages: `users["admin"].user`. */
  path: string;
  /** A text; undefined if absent. */
  text(key: string): string | undefined;
  /** A boolean; false if absent. */
  flag(key: string): boolean;
  /** The mapping of that name in a list: `clusters[…].cluster`. `namedBy` is the entry that has the name. */
  named(list: "clusters" | "contexts" | "users", name: string, namedBy: string): Entry;
  /** Throws if the entry has this key. */
  refuse(key: string, reason: string): void;
}

/** Wraps a parsed mapping; throws if it is something else. */
export function entry(value: unknown, path: string): Entry {
  if (!isMapping(value)) throw new CredentialsError(`${path === "" ? "A kubeconfig" : path} must be a mapping`);
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  const given = (key: string) => (value[key] === "" ? undefined : (value[key] ?? undefined));
  return {
    path,
    text(key) {
      const found = given(key);
      if (found === undefined || typeof found === "string") return found;
      throw new CredentialsError(`${at(key)} must be a string`);
    },
    flag(key) {
      const found = given(key) ?? false;
      if (typeof found === "boolean") return found;
      throw new CredentialsError(`${at(key)} must be true or false`);
    },
    named(list, name, namedBy) {
      const entries = given(list) ?? [];
      if (!Array.isArray(entries)) throw new CredentialsError(`${list} must be a list`);
      const found = entries.find((one) => isMapping(one) && one.name === name);
      const label = JSON.stringify(shortened(name, 100));
      if (!found) throw new CredentialsError(`${list} has no entry named ${label}, which ${namedBy} names`);
      const part = list.slice(0, -1);
      return entry(found[part], `${list}[${label}].${part}`);
    },
    refuse(key, reason) {
      if (given(key) !== undefined) throw new CredentialsError(`${at(key)} is not supported: ${reason}`);
    },
  };
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
