import { isDeepStrictEqual } from "node:util";
import type { Config } from "../../../platform/config/config.ts";
import { helmDefaults } from "../../../platform/config/helmDefaults.ts";
import { at, isMapping, setAt, type Tree } from "../../../platform/config/tree.ts";

const defaults: Tree = {};
for (const [path, value] of Object.entries(helmDefaults)) setAt(defaults, path.split("."), value);

/**
 * What an operator has set in `deployments.helm`. The defaults there are those of another chart version, so a component that
 * nobody changed is left out: without `pgbouncer` there, the values of Houston decide; with any change to it, all of it counts.
 */
export function helmOverrides(settings: Config["deployments"]): Tree {
  const helm = at(settings, ["helm"]);
  if (!isMapping(helm)) return {};
  const { airflow, ...others } = changed(helm, at(defaults, ["deployments", "helm"]));
  if (!isMapping(airflow)) return others;
  return { ...others, airflow: changed(airflow, at(defaults, ["deployments", "helm", "airflow"])) };
}

const changed = (tree: Tree, unchanged: unknown): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([key, value]) => !isDeepStrictEqual(value, at(unchanged, [key]))));

/** The value that applies at a path of `deployments.helm`, also if it is the default. */
export const helmSetting = (settings: Config["deployments"], ...path: string[]): unknown =>
  at(settings, ["helm", ...path]);
