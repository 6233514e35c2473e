import { z } from "zod";
import { entryValues } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Description, IdOf, Label, optional } from "../../platform/input/input.ts";
import type { WriteDefinition } from "../../query/defineWrite.ts";
import { workspaceLabelConflict } from "./workspaceLabelConflict.ts";
import { workspaceNotFound } from "./workspaceNotFound.ts";

const Input = z.object({
  workspaceUuid: IdOf,
  organizationId: z.string().optional(),
  payload: z.strictObject(
    {
      label: optional(Label),
      description: z.union([Description, z.null()]).optional(),
      cicdEnforcedDefault: z.boolean("must be true or false").optional(),
    },
    "must be an object with label, description or both",
  ),
});

/**
 * Changes the given properties of a Workspace; omitted ones are unchanged. With `organizationId`, it must belong to that
 * Organization. Throws CONFLICT if the label is already in use, NOT_FOUND for an unknown Workspace.
 */
export const updateWorkspace: WriteDefinition<"Workspace"> = {
  entity: "Workspace",
  statement: {
    ctes: `workspace AS (
  UPDATE "Workspace" w SET label = coalesce(:label::text, w.label),
    description = coalesce(:description::text, w.description),
    "cicdEnforcedDefault" = coalesce(:cicdEnforcedDefault::boolean, w."cicdEnforcedDefault"),
    "updatedBy" = may.actor, "updatedAt" = :now::timestamp
  FROM may
  WHERE w.id = :id::text AND (:organizationId::text IS NULL OR w."organizationId" = :organizationId::text)
  RETURNING w.*
), entry AS (
  INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", "requestId", address, via,
    detail)
  SELECT :entryId::text, 'updateWorkspace', may.actor, 'Workspace', workspace.id, workspace.id, :requestId::text, :address::text, :via::text,
    :detail::jsonb FROM workspace, may
)`,
    row: "workspace",
  },
  toWrite(input, ctx) {
    const { workspaceUuid: id, organizationId = null, payload } = parse(Input, input);
    const { label, cicdEnforcedDefault } = payload;
    const description = payload.description === null ? "" : payload.description;
    const detail = JSON.stringify({ label, description, cicdEnforcedDefault });
    return {
      values: {
        ...{ id, organizationId, label: label ?? null, description: description ?? null, detail },
        ...{ cicdEnforcedDefault: cicdEnforcedDefault ?? null, now: ctx.now().toISOString() },
        ...entryValues(ctx),
      },
    };
  },
  rejected: (thrown, _ctx, { values }) =>
    workspaceLabelConflict("payload.label", values.label === null ? undefined : String(values.label))(thrown),
  missing: workspaceNotFound,
};
