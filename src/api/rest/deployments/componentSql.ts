import type { Config } from "../../../platform/config/config.ts";
import { literal } from "../../../query/json.ts";

type Component = "scheduler" | "webserver" | "workers";

/** The numbers that the API shows of one component of a Deployment, as SQL for JSON text. */
export interface ComponentSql {
  /** Kubernetes quantities: the limits of one pod. */
  cpu: string;
  memory: string;
  replicas: string;
  /** Whole astro units of one pod; NULL if it is no whole number of them. */
  au: string;
}

/**
 * The settings of a component in the column `config` of the row `row`, which has CPU in thousandths of a core and
 * memory in MiB. A Deployment without stored settings for it has the platform's defaults.
 */
export function componentSql(
  { deployments }: Pick<Config, "deployments">,
  name: Component,
  row = "$row",
): ComponentSql {
  const { astroUnit, components } = deployments;
  const { au = { default: 1 }, replicas } = components.find((component) => component.name === name) ?? {};
  const limit = (unit: "cpu" | "memory") =>
    `coalesce((${row}.config->'${name}'->'resources'->'limits'->'${unit}')::bigint, ${au.default * astroUnit[unit]})`;
  const [cpu, memory] = [limit("cpu"), limit("memory")];
  return {
    cpu: `CASE WHEN ${cpu} % 1000 = 0 THEN '"' || ${cpu} / 1000 || '"' ELSE '"' || trim_scale(${cpu} * 0.001) || '"' END`,
    memory: `CASE WHEN ${memory} % 1024 = 0 THEN '"' || ${memory} / 1024 || 'Gi"' ELSE '"' || ${memory} || 'Mi"' END`,
    replicas: `coalesce(${row}.config->'${name}'->>'replicas', ${literal(String(replicas?.default ?? 1))})`,
    au: `CASE WHEN ${cpu} % ${astroUnit.cpu} = 0 AND ${cpu} * ${astroUnit.memory} = ${memory} * ${astroUnit.cpu}
      THEN (${cpu} / ${astroUnit.cpu})::text END`,
  };
}
