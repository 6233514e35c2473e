import { isDeepStrictEqual } from "node:util";
import { Document, isNode } from "yaml";
import type { Config, Loaded } from "./config.ts";
import { configTree, type Names, namesOf } from "./configTree.ts";
import { settingAt } from "./ownProviders.ts";
import { isFree, nameIn2x } from "./settings.ts";
import { isMapping, type Tree } from "./tree.ts";

const HIDDEN = "[hidden]";

/**
 * The effective configuration as YAML, in the names of the settings before or from 2.0 (default: those of the platform
 * version); a comment says where each value that is not a default came from. Unless `showSecrets`, the values of
 * secrets are hidden, and with them those of settings without an effect and of unlisted keys in `deployments.helm`,
 * which may be secrets too.
 */
export function printConfig(
  { config, origins }: Pick<Loaded, "config" | "origins">,
  { showSecrets = false, names = namesOf(config) }: { showSecrets?: boolean; names?: Names | undefined } = {},
): string {
  const shown = showSecrets ? config : (hidden(config as unknown as Tree) as unknown as Config);
  const document = new Document(configTree(shown, names));
  for (const [path, origin] of origins) {
    const node = document.getIn((names === "2.x" ? nameIn2x(path) : path).split("."), true);
    if (isNode(node)) node.comment = ` from ${origin}`;
  }
  return document.toString({ lineWidth: 0 });
}

function hidden(tree: Tree, prefix = ""): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => {
      const path = prefix + key;
      const setting = settingAt(path);
      if (!setting && isMapping(value)) return [key, hidden(value, `${path}.`)];
      const mayBeSecret = setting ? setting.secret : isFree(path);
      return [key, mayBeSecret && !isDeepStrictEqual(value, setting?.fallback) ? HIDDEN : value];
    }),
  );
}
