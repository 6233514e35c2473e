import type { Context } from "../../access/context.ts";
import type { Entity } from "../../query/entity.ts";

/** Kubernetes clusters. Anyone signed in may list them; who may see a Deployment may see where it runs. */
export const clusterEntity: Entity<"Cluster"> = {
  table: "Cluster",
  visible: [{ permission: "system.clusters.get" }],
  scope: {},
  order: `$row."createdAt", $row.id`,
  fields: {
    baseDomain: {
      from: ["baseDomain", "isDefault"],
      // The platform itself runs on the default cluster, and under its domain.
      make: ({ baseDomain, isDefault }: { baseDomain: string | null; isDefault: boolean }, { config }: Context) =>
        baseDomain ?? (isDefault ? config.helm.baseDomain : null),
    },
    isConnected: {
      from: ["isDefault"],
      // The kubeconfig itself is read by nobody.
      and: { isStored: "($row.kubeconfig IS NOT NULL)" },
      make: ({ isDefault, isStored }: { isDefault: boolean; isStored: boolean }, { config }: Context) =>
        config.provisioner !== "none" && (isDefault || isStored),
    },
    failoverEnabled: { sql: "false" },
    failoverUpgradeStatus: { sql: "NULL::text" },
  },
};
