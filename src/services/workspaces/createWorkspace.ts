import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Workspace } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Description, Label, optional } from "../../platform/input/input.ts";
import { workspaceLabelConflict } from "./workspaceLabelConflict.ts";

const Input = z.object({ label: Label, description: optional(Description) });

/**
 * Creates a Workspace. A user who creates it becomes its WORKSPACE_ADMIN; a service account gets no role. Throws
 * CONFLICT if any Workspace of the platform already uses the label: the unique index decides.
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
    .catch(workspaceLabelConflict("label", label));
}
