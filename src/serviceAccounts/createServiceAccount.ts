import { z } from "zod";
import { auditRow } from "../audit/recordAudit.ts";
import { newApiKey } from "../auth/apiKey.ts";
import type { Level } from "../auth/roles.ts";
import type { Context } from "../context.ts";
import { AppError, parse } from "../errors.ts";
import { Prisma, Role } from "../generated/prisma/client.ts";
import { Label, optional } from "../input.ts";
import { newId } from "../newId.ts";
import { execute, type Write } from "../read/readWritten.ts";
import { assertGrantable } from "../roleBindings/assertGrantable.ts";
import { hashOf } from "../secrets.ts";
import { Category, EntityType, type Home, homeOf, labelTaken } from "./serviceAccount.ts";
import { boundTo } from "./serviceAccountEntity.ts";

const Input = z.object({
  label: Label,
  category: optional(Category),
  entityType: EntityType,
  entityUuid: optional(z.string("needs an id")),
  role: optional(z.enum(Role, `needs a role: ${Object.keys(Role).join(", ")}`)),
});

/** The role of an account that was given none. */
const viewerOf: Record<Level, Role> = {
  SYSTEM: "SYSTEM_VIEWER",
  WORKSPACE: "WORKSPACE_VIEWER",
  DEPLOYMENT: "DEPLOYMENT_VIEWER",
};

/**
 * Creates a service account with a new API key and its role where it lives. Its creator may read the whole key for
 * `serviceAccounts.showFor` minutes. Throws FEATURE_DISABLED while `serviceAccounts.enabled` is false, BAD_USER_INPUT for
 * a role of another level, FORBIDDEN for one that reaches further than the caller's own, and CONFLICT if the label is
 * taken there: the unique index decides.
 */
export async function createServiceAccount(
  ctx: Context,
  input: unknown,
  write: Write = execute,
): Promise<{ id: string }> {
  const { label, category = "", entityType, entityUuid, ...given } = parse(Input, input);
  const role = given.role ?? viewerOf[entityType];
  if (!ctx.config.serviceAccounts.enabled) {
    throw new AppError("FEATURE_DISABLED", "Service accounts are switched off here: serviceAccounts.enabled is false");
  }
  const home = homeOf(entityType, entityUuid);
  const workspaceId = await workspaceOf(ctx, home);
  assertGrantable(ctx, role, entityType, { ...home, workspaceId });
  const id = newId();
  const entry = auditRow(ctx, {
    action: "createServiceAccount",
    entityType: "ServiceAccount",
    entityId: id,
    workspaceId,
    detail: { label, category, role },
  });
  const { createdBy, keyHash, keyStart, keyEncrypted, keyShownUntil } = newKey(ctx);
  const now = ctx.now().toISOString();
  // Account, role and audit entry in one statement: CI systems create accounts by the thousand.
  const ctes = Prisma.sql`account AS (
      INSERT INTO "ServiceAccount" (id, label, category, "workspaceId", "deploymentId", "createdBy", "keyHash", "keyStart",
        "keyEncrypted", "keyShownUntil", "createdAt", "updatedAt")
      VALUES (${id}, ${label}, ${category}, ${home.workspaceId}, ${home.deploymentId}, ${createdBy}, ${keyHash}, ${keyStart},
        ${keyEncrypted}, ${keyShownUntil}::timestamp, ${now}::timestamp, ${now}::timestamp)
      RETURNING *
    ), binding AS (
      INSERT INTO "RoleBinding" (id, role, "serviceAccountId", "workspaceId", "deploymentId", "createdAt", "updatedAt")
      SELECT ${newId()}, ${role}::"Role", id, "workspaceId", "deploymentId", "createdAt", "updatedAt" FROM account
      RETURNING *
    ), entry AS (
      INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", "requestId", detail)
      SELECT ${newId()}, ${entry.action}, ${entry.actor}, ${entry.entityType}, id, ${workspaceId}, ${entry.requestId},
        ${JSON.stringify(entry.detail)}::jsonb FROM account
    )`;
  await write(ctx, { ctes, row: "account", related: { RoleBinding: "binding" } }).catch(labelTaken("label"));
  return { id };
}

/** A Workspace Admin's rights reach into the Workspace's Deployments, so a grant there is judged with both ids. */
async function workspaceOf(ctx: Context, { workspaceId, deploymentId }: Home): Promise<string | null> {
  if (deploymentId === null) return workspaceId;
  const deployment = await ctx.db.deployment.findFirst({
    where: { id: deploymentId, deletedAt: null },
    select: { workspaceId: true },
  });
  if (!deployment) throw new AppError("NOT_FOUND", "Deployment not found: it is named by its id here");
  return deployment.workspaceId;
}

/** The columns of a new key. Only its hash stays; the encrypted copy is purged when it is no longer shown. */
function newKey(ctx: Context) {
  const key = newApiKey();
  const keyHash = hashOf(key);
  const { showFor, showFirstChars } = ctx.config.serviceAccounts;
  return {
    createdBy: `${ctx.caller.kind}:${ctx.caller.id}`,
    keyHash,
    keyStart: key.slice(0, showFirstChars),
    keyEncrypted: showFor > 0 ? ctx.secrets.seal(key, boundTo(keyHash)) : null,
    keyShownUntil: showFor > 0 ? new Date(ctx.now().getTime() + showFor * 60_000).toISOString() : null,
  };
}
