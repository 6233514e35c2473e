import { workspaceEntity } from "../../../services/workspaces/workspaceEntity.ts";
import { fieldsIn } from "../routing/mapping.ts";
import type { View } from "../routing/views.ts";
import { workspaceMapping } from "./mapping.ts";
import { Workspace } from "./schemas.ts";

/** Workspaces as the Platform API shows them. */
export const workspaceView: View<"Workspace"> = {
  schema: Workspace,
  entity: { ...workspaceEntity, fields: fieldsIn(workspaceMapping) },
};
