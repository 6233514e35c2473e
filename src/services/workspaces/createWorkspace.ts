import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Workspace } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Description, Label, optional } from "../../platform/input/input.ts";
import { workspaceLabelConflict } from "./workspaceLabelConflict.ts";

const Input = z.object({ label: Label, description: optional(Description) });

/**
 * Creates a Workspace. The user who creates it becomes its WORKSPACE_ADMIN; behind a system service account stands no
 * user, and nobody is bound. Throws CONFLICT if the label is taken anywhere in the installation: the unique index decides.
 */
export async function createWorkspace(ctx: Context, input: unknown): Promise<Workspace> {
  const { label, description = "" } = parse(Input, input);
  const { kind, id: userId } = ctx.caller;
  const roleBindings = kind === "user" ? { create: { role: "WORKSPACE_ADMIN" as const, userId } } : {};
  return ctx.db
    .$transaction(async (tx) => {
      const workspace = await tx.workspace.create({ data: { label, description, roleBindings } });
      await recordAudit(ctx, tx, {
        action: "createWorkspace",
        entityType: "Workspace",
        entityId: workspace.id,
        workspaceId: workspace.id,
        detail: { label },
      });
      return workspace;
    })
    .catch(workspaceLabelConflict("label"));
}
