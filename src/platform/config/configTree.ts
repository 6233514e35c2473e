import type { Config } from "./config.ts";
import { inverted } from "./names2x.ts";
import { nameIn2x, settings } from "./settings.ts";
import { at, removeAt, setAt, type Tree } from "./tree.ts";

/** The names of the settings before 2.0, or from 2.0 on. */
export type Names = "1.x" | "2.x";

/** The names that clients of the platform expect, by the version it reports (`helm.releaseVersion`). */
export const namesOf = ({ helm }: Pick<Config, "helm">): Names =>
  Number.parseInt(helm.releaseVersion, 10) >= 2 ? "2.x" : "1.x";

/** The name of the setting `path` on this platform, for messages: see `namesOf`. */
export const settingName = (config: Pick<Config, "helm">, path: string): string =>
  namesOf(config) === "2.x" ? nameIn2x(path) : path;

/**
 * The configuration as a tree of names and values, as a configuration file has them. A setting that does not exist in
 * 2.x appears there under its only name, because Houston still reads it. Contains secrets.
 */
export function configTree(config: Config, names: Names): Tree {
  const tree = structuredClone(config) as unknown as Tree;
  if (names === "1.x") return tree;
  const moved = [...settings.keys()].filter((path) => nameIn2x(path) !== path);
  for (const path of moved) removeAt(tree, path.split("."));
  for (const path of moved) {
    const value = at(config, path.split("."));
    const given = inverted.has(path) && typeof value === "boolean" ? !value : value;
    if (given !== undefined) setAt(tree, nameIn2x(path).split("."), structuredClone(given));
  }
  return tree;
}
