import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { isMapping, type Tree } from "../../../platform/config/tree.ts";

/** A chart in a folder. */
export interface Chart {
  name: string;
  version: string;
  /** Its values.yaml. */
  defaults: Tree;
  /** Its values.schema.json; undefined if it has none. */
  schema: Tree | undefined;
  subcharts: Chart[];
  /** By the name of a subchart: the value that turns it off if it is false. */
  conditions: Record<string, string[]>;
}

/** A chart that cannot be checked. The message says why, for the operator. */
export class ChartError extends Error {}

/** Reads a chart. Throws a ChartError for a folder without a chart, and for files that are not YAML or JSON. */
export function readChart(folder: string): Chart {
  const about = readMapping(join(folder, "Chart.yaml"));
  if (!about) throw new ChartError(`${folder} must be the folder of a chart, with Chart.yaml`);
  const charts = join(folder, "charts");
  const dependencies = Array.isArray(about.dependencies) ? about.dependencies.filter(isMapping) : [];
  return {
    name: String(about.name),
    version: String(about.version),
    defaults: readMapping(join(folder, "values.yaml")) ?? {},
    schema: readMapping(join(folder, "values.schema.json")),
    subcharts: (existsSync(charts) ? readdirSync(charts).sort() : [])
      .map((name) => join(charts, name))
      .filter((path) => existsSync(join(path, "Chart.yaml")))
      .map(readChart),
    conditions: Object.fromEntries(
      dependencies.map(({ name, condition }) => [
        String(name),
        typeof condition === "string" ? condition.split(",") : [],
      ]),
    ),
  };
}

/** JSON is YAML. */
function readMapping(path: string): Tree | undefined {
  if (!existsSync(path)) return undefined;
  const content = readYaml(path) ?? {};
  if (!isMapping(content)) throw new ChartError(`${path} must contain a mapping`);
  return content;
}

function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ChartError(`${path} cannot be read: ${(error as Error).message.trimEnd()}`, { cause: error });
  }
}
