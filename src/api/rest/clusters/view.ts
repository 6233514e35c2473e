import type { Permission } from "../../../access/permissions.ts";
import type { ClusterOptions } from "../../../platform/config/clusterOptions.ts";
import type { Config } from "../../../platform/config/config.ts";
import { literal } from "../../../query/json.ts";
import { ranges } from "../../../services/clusters/clusterFields.ts";
import type { View } from "../routing/views.ts";
import { Cluster, NodePool } from "./schemas.ts";

/** As in GraphQL, details of the infrastructure are for those who may see clusters, not for every member. */
const details: readonly Permission[] = ["system.clusters.get"];

/** Clusters as the Platform API shows them. What GraphQL does not ask for has the default of the provider. */
export const clusterView = ({ platformApi: { clusterOptions } }: Config): View<"Cluster"> => ({
  schema: Cluster,
  requires: { healthStatus: details, providerAccount: details, tenantId: details, workspaceIds: details },
  entity: {
    table: "Cluster",
    visible: [{ permission: "system.clusters.get" }, { memberOf: "organizationId" }],
    scope: {},
    order: `$row."createdAt", $row.id`,
    fields: {
      ...Object.fromEntries([...ranges, "providerAccount", "tenantId"].map((field) => [field, { sql: stored(field) }])),
      type: { sql: `coalesce(${stored("type")}, 'HYBRID')` },
      status: { sql: `CASE $row.status WHEN 'ACTIVE' THEN 'CREATED' ELSE 'ACCESS_DENIED' END` },
      region: orDefault("region", clusterOptions, ({ defaultRegion }) => defaultRegion),
      dbInstanceType: orDefault("dbInstanceType", clusterOptions, (options) => options.defaultDatabaseInstance),
      vpcSubnetRange: orDefault("vpcSubnetRange", clusterOptions, (options) => options.defaultVpcSubnetRange),
      isDrEnabled: storedJson("isDrEnabled", "false"),
      isFailedOver: storedJson("isFailedOver", "false"),
      failoverInProgress: { sql: "false" },
      drRegion: { sql: `coalesce(${stored("drRegion")}, '')` },
      enableReplicationTimeControl: storedJson("enableReplicationTimeControl"),
      isLimited: { sql: `coalesce($row."platformApi"->'workspaceIds' <> '[]', false)` },
      workspaceIds: storedJson("workspaceIds", "[]"),
      tags: storedJson("tags", "[]"),
      nodePools: { many: "NodePool", theirs: "clusterId", implied: true },
      metadata: { json: `'{"externalIPs":[]}'` },
      healthStatus: { json: healthStatus },
    },
  },
});

/** Node pools of the clusters that they belong to. */
export const nodePoolView: View<"NodePool"> = {
  schema: NodePool,
  entity: {
    table: "NodePool",
    visible: [],
    scope: {},
    order: `$row."createdAt", $row.id`,
    fields: {
      cloudProvider: { sql: `(SELECT c."cloudProvider" FROM "Cluster" c WHERE c.id = $row."clusterId")` },
      supportedAstroMachines: { json: `'[]'` },
    },
  },
};

const stored = (field: string) => `$row."platformApi"->>'${field}'`;

const storedJson = (field: string, fallback?: string) => {
  const json = `($row."platformApi"->'${field}')::text`;
  return { json: fallback === undefined ? json : `coalesce(${json}, '${fallback}')` };
};

/** The stored value, or else the default of the cluster's provider; "" for a provider that is no longer offered. */
function orDefault(
  field: string,
  options: readonly ClusterOptions[],
  defaultIn: (options: ClusterOptions) => string,
): { sql: string } {
  const cases = options.map((one) => `WHEN '${one.provider}' THEN ${literal(defaultIn(one))}`).join(" ");
  const fallback = cases === "" ? "''" : `CASE $row."cloudProvider" ${cases} ELSE '' END`;
  return { sql: `coalesce(${stored(field)}, ${fallback})` };
}

const isText = (key: string) => `jsonb_typeof(d->'${key}') = 'string'`;

/** The health that the data plane reported, reduced to what the contract has; NULL if it reported none. */
const healthStatus = `CASE WHEN jsonb_typeof($row."healthStatus") = 'object' THEN '{"value":"' ||
  CASE WHEN $row."healthStatus"->>'value' IN ('HEALTHY', 'UNKNOWN') THEN $row."healthStatus"->>'value'
    ELSE 'UNHEALTHY' END || '"' || coalesce((
    SELECT ',"details":' || jsonb_agg(jsonb_strip_nulls(jsonb_build_object('code', d->'code', 'severity', d->'severity',
      'description', d->'description', 'component', CASE WHEN ${isText("component")} THEN d->'component' END)))::text
    FROM jsonb_array_elements(CASE WHEN jsonb_typeof($row."healthStatus"->'details') = 'array'
      THEN $row."healthStatus"->'details' ELSE '[]' END) d
    WHERE ${["code", "severity", "description"].map(isText).join(" AND ")}), '') || '}' END`;
