import type { Config } from "../../../platform/config/config.ts";
import { jsonOf, literal } from "../../../query/json.ts";

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
 * The settings of a component in the column `config` of the row `row`, which has CPU in thousandths of a core and memory in
 * MiB. A Deployment without stored settings for it has the platform's defaults.
 */
export function componentSql(
  { deployments }: Pick<Config, "deployments">,
  name: Component,
  row = "$row",
): ComponentSql {
  const { astroUnit, components } = deployments;
  const { au = { default: 1 }, replicas } = components.find((component) => component.name === name) ?? {};
  const limit = (unit: "cpu" | "memory") =>
    `coalesce((${row}.config#>'{${name},resources,limits,${unit}}')::numeric, ${au.default * astroUnit[unit]})`;
  const [cpu, memory] = [limit("cpu"), limit("memory")];
  return {
    cpu: jsonOf(`trim_scale(${cpu} * 0.001)::text`),
    memory: `CASE WHEN ${memory} % 1024 = 0 THEN '"' || trim_scale(div(${memory}, 1024)) || 'Gi"'
      ELSE '"' || trim_scale(${memory}) || 'Mi"' END`,
    replicas: `coalesce(${row}.config#>>'{${name},replicas}', ${literal(String(replicas?.default ?? 1))})`,
    au: `CASE WHEN ${cpu} % ${astroUnit.cpu} = 0 AND ${cpu} * ${astroUnit.memory} = ${memory} * ${astroUnit.cpu}
      THEN trim_scale(div(${cpu}, ${astroUnit.cpu}))::text END`,
  };
}
