import { z } from "zod";
import { DEFAULT_ORGANIZATION } from "../../access/scopePaths.ts";
import { entryValues } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Description, Label, optional } from "../../platform/input/input.ts";
import { newId } from "../../platform/secrets/newId.ts";
import type { WriteDefinition } from "../../query/defineWrite.ts";
import { workspaceLabelConflict } from "./workspaceLabelConflict.ts";

const Input = z.object({
  label: Label,
  description: optional(Description),
  cicdEnforcedDefault: z.boolean().optional(),
  organizationId: z.string().optional(),
});

/**
 * Creates a Workspace, of the default Organization unless another is given. A user who creates it becomes its
 * WORKSPACE_ADMIN; a service account gets no role. Throws CONFLICT if any Workspace of the platform already uses the
 * label: the unique index decides.
 */
export const createWorkspace: WriteDefinition<"Workspace"> = {
  entity: "Workspace",
  statement: {
    ctes: `workspace AS (
  INSERT INTO "Workspace" (id, "organizationId", label, description, "cicdEnforcedDefault", "createdBy", "updatedBy",
    "createdAt", "updatedAt")
  SELECT :id::text, :organizationId::text, :label::text, :description::text, :cicdEnforcedDefault::boolean, may.actor, may.actor,
    :now::timestamp, :now::timestamp
  FROM may
  RETURNING *
), binding AS (
  INSERT INTO "RoleBinding" (id, role, "userId", "workspaceId", "createdAt", "updatedAt")
  SELECT :bindingId::text, 'WORKSPACE_ADMIN', substr("createdBy", 6), id, "createdAt", "updatedAt" FROM workspace
  WHERE "createdBy" LIKE 'user:%'
  RETURNING *
), entry AS (
  INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", "requestId", address, via,
    detail)
  SELECT :entryId::text, 'createWorkspace', "createdBy", 'Workspace', id, id, :requestId::text, :address::text, :via::text,
    jsonb_build_object('label', label) FROM workspace
)`,
    row: "workspace",
    related: { RoleBinding: "binding" },
  },
  toWrite(input, ctx) {
    const given = parse(Input, input);
    const { label, description = "", cicdEnforcedDefault = false, organizationId = DEFAULT_ORGANIZATION } = given;
    const ids = { id: newId(), bindingId: newId(), ...entryValues(ctx) };
    return {
      values: { ...ids, label, description, cicdEnforcedDefault, organizationId, now: ctx.now().toISOString() },
    };
  },
  rejected: (thrown, _ctx, { values }) => workspaceLabelConflict("label", String(values.label))(thrown),
};
