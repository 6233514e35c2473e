import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Workspace } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Description, IdOf, Label, optional } from "../../platform/input/input.ts";
import { workspaceLabelConflict } from "./workspaceLabelConflict.ts";

const Input = z.object({
  workspaceUuid: IdOf,
  payload: z.strictObject(
    { label: optional(Label), description: z.union([Description, z.null()]).optional() },
    "must be an object with label, description or both",
  ),
});

/** Changes label, description or both; omitted ones are unchanged. Throws CONFLICT if the label is already in use. */
export async function updateWorkspace(ctx: Context, input: unknown): Promise<Workspace> {
  const { workspaceUuid, payload } = parse(Input, input);
  const data = {
    ...(payload.label === undefined ? {} : { label: payload.label }),
    ...(payload.description === undefined ? {} : { description: payload.description ?? "" }),
  };
  return ctx.db
    .$transaction(async (tx) => {
      const workspace = await tx.workspace.update({ where: { id: workspaceUuid }, data });
      await recordAudit(ctx, tx, {
        action: "updateWorkspace",
        entityType: "Workspace",
        entityId: workspaceUuid,
        workspaceId: workspaceUuid,
        detail: data,
      });
      return workspace;
    })
    .catch(workspaceLabelConflict("payload.label", payload.label));
}
