import type { Config } from "../../../platform/config/config.ts";
import { jsonOf, literal } from "../../../query/json.ts";
import { deploymentEntity } from "../../../services/deployments/deploymentEntity.ts";
import { fieldsIn } from "../routing/mapping.ts";
import type { View, Views } from "../routing/views.ts";
import { componentSql } from "./componentSql.ts";
import { deploymentMapping } from "./mapping.ts";
import { Deployment, related } from "./schemas.ts";

/** Deployments, with their variables and worker queues, as the Platform API shows them. */
export const deploymentViews = (config: Config): Views => ({
  Deployment: {
    schema: Deployment,
    requires: { environmentVariables: ["deployment.variables.get", "system.deployment.variables.get"] },
    entity: {
      ...deploymentEntity,
      fields: fieldsIn(deploymentMapping(config)),
    },
  },
  EnvironmentVariable: variableView,
  WorkerQueue: queueView(config),
});

const variableView: View<"EnvironmentVariable"> = {
  schema: related.DeploymentEnvironmentVariable,
  entity: {
    table: "EnvironmentVariable",
    visible: [],
    scope: {},
    order: "$row.key",
    fields: { value: { json: `CASE WHEN NOT $row."isSecret" THEN ${jsonOf("$row.value")} END` } },
  },
};

/** Queues on node pools have workers of the size that the Deployment's settings give. */
function queueView(config: Config): View<"WorkerQueue"> {
  const workers = componentSql(config, "workers", "d");
  const size = (unit: "cpu" | "memory") => {
    const known = config.platformApi.deploymentOptions.workerMachines.map(
      ({ name, spec }) => `WHEN ${literal(name)} THEN ${literal(JSON.stringify(spec[unit]))}`,
    );
    return {
      json: `CASE $row."astroMachine" ${known.join(" ")} ELSE (
      SELECT ${workers[unit]} FROM "Deployment" d WHERE d.id = $row."deploymentId") END`,
    };
  };
  return {
    schema: related.WorkerQueue,
    entity: {
      table: "WorkerQueue",
      visible: [],
      scope: {},
      order: `$row."isDefault" DESC, $row.name`,
      fields: { podCpu: size("cpu"), podMemory: size("memory") },
    },
  };
}
