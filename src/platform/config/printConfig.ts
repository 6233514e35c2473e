import { isDeepStrictEqual } from "node:util";
import { Document, isNode } from "yaml";
import type { Loaded } from "./config.ts";
import { isFree, settings } from "./settings.ts";
import { isMapping, type Tree } from "./tree.ts";

/** How the names of the settings are printed. */
export interface Naming {
  /** The tree of names and values of a configuration. */
  tree(config: Tree): Tree;
  /** The name of the setting at `path`. */
  nameOf(path: string): string;
}

/** The names as docs/configuration.md lists them. */
const documented: Naming = { tree: (config) => config, nameOf: (path) => path };

const HIDDEN = "[hidden]";

/**
 * The effective configuration as YAML; a comment says where each value that is not a default came from. Unless
 * `showSecrets`, the values of secrets are hidden, and with them those of settings without an effect and of unlisted keys
 * in `deployments.helm`, which may be secrets too.
 */
export function printConfig(
  { config, origins }: Pick<Loaded, "config" | "origins">,
  { showSecrets = false, naming = documented }: { showSecrets?: boolean; naming?: Naming } = {},
): string {
  const values = structuredClone(config) as unknown as Tree;
  const document = new Document(naming.tree(showSecrets ? values : hidden(values)));
  for (const [path, origin] of origins) {
    const node = document.getIn(naming.nameOf(path).split("."), true);
    if (isNode(node)) node.comment = ` from ${origin}`;
  }
  return document.toString({ lineWidth: 0 });
}

function hidden(tree: Tree, prefix = ""): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => {
      const path = prefix + key;
      const setting = settings.get(path);
      if (!setting && isMapping(value)) return [key, hidden(value, `${path}.`)];
      const mayBeSecret = setting ? setting.secret : isFree(path);
      return [key, mayBeSecret && !isDeepStrictEqual(value, setting?.fallback) ? HIDDEN : value];
    }),
  );
}
