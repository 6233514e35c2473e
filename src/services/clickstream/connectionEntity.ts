import type { Context } from "../../access/context.ts";
import type { Entity } from "../../query/entity.ts";
import { openDetails } from "./connectionDetails.ts";

/** Connections, for those who may see the pipelines of their Organization. `details` has a permission of its own. */
export const connectionEntity: Entity<"Connection"> = {
  table: "Connection",
  visible: [{ permission: "organization.pipelines.get", organization: "organizationId" }],
  scope: { organization: "organizationId" },
  order: `$row."createdAt", $row.id`,
  fields: {
    orgId: { column: "organizationId" },
    details: {
      from: ["id", "details"],
      make: ({ id, details }: { id: string; details: string }, { secrets }: Context) =>
        openDetails(secrets, id, details),
    },
  },
};
