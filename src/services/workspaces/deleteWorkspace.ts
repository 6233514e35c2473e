import { z } from "zod";
import { entryValues } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import type { WriteDefinition } from "../../query/defineWrite.ts";
import { workspaceNotFound } from "./workspaceNotFound.ts";

const Input = z.object({ workspaceUuid: IdOf, organizationId: z.string().optional() });

/**
 * Deletes a Workspace with its role bindings, service accounts, invitations and soft-deleted Deployments, which frees
 * their release names. With `organizationId`, it must belong to that Organization. Throws CONFLICT while it has
 * Deployments, also for one that is created at the same time: a trigger looks once the row is locked.
 */
export const deleteWorkspace: WriteDefinition<"Workspace"> = {
  entity: "Workspace",
  statement: {
    ctes: `workspace AS (
  DELETE FROM "Workspace" w USING may
  WHERE w.id = :id::text AND (:organizationId::text IS NULL OR w."organizationId" = :organizationId::text)
  RETURNING w.*
), entry AS (
  INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", "requestId", address, via,
    detail)
  SELECT :entryId::text, 'deleteWorkspace', may.actor, 'Workspace', workspace.id, workspace.id, :requestId::text, :address::text, :via::text,
    jsonb_build_object('label', workspace.label) FROM workspace, may
)`,
    row: "workspace",
    deletes: true,
  },
  toWrite(input, ctx) {
    const { workspaceUuid: id, organizationId = null } = parse(Input, input);
    return { values: { id, organizationId, ...entryValues(ctx) } };
  },
  async rejected(thrown, ctx, { values }) {
    if (asAppError(thrown)?.code !== "NOT_FOUND") throw thrown;
    const where = { workspaceId: String(values.id), deletedAt: null };
    const remaining = await ctx.db.deployment.count({ where });
    const deployments = `Deployment${remaining === 1 ? "" : "s"}`;
    throw new AppError(
      "CONFLICT",
      `workspaceUuid: the Workspace still has ${remaining} ${deployments}; delete them first`,
      "workspaceUuid",
    );
  },
  missing: workspaceNotFound,
};
