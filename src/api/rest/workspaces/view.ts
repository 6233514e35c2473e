import { workspaceEntity } from "../../../services/workspaces/workspaceEntity.ts";
import { subjectIn } from "../routing/parts.ts";
import type { View } from "../routing/views.ts";
import { Workspace } from "./schemas.ts";

/** Workspaces as the Platform API shows them. */
export const workspaceView: View<"Workspace"> = {
  schema: Workspace,
  entity: {
    ...workspaceEntity,
    fields: {
      name: { column: "label" },
      organizationName: { sql: `(SELECT o.name FROM "Organization" o WHERE o.id = $row."organizationId")` },
      createdBy: subjectIn("createdBy"),
      updatedBy: subjectIn("updatedBy"),
    },
  },
};
