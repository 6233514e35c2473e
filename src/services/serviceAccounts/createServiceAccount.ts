import { z } from "zod";
import { assertFits, assertGrantable } from "../../access/assertGrantable.ts";
import type { Scope } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { findScope } from "../../access/findScope.ts";
import type { Level } from "../../access/roles.ts";
import { Role } from "../../generated/prisma/client.ts";
import { entryValues } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Label, optional } from "../../platform/input/input.ts";
import { newId } from "../../platform/secrets/newId.ts";
import type { WriteContext, WriteDefinition, WriteStatement } from "../../query/defineWrite.ts";
import { ExpiresAt, expiryOf } from "./keyExpiry.ts";
import { assertEnabled, newKey } from "./newKey.ts";
import { Category, EntityType, type Home, homeOf } from "./serviceAccount.ts";
import { keySecretOf } from "./serviceAccountEntity.ts";

const Input = z.object({
  label: Label,
  category: optional(Category),
  entityType: EntityType,
  entityUuid: optional(z.string("must be an ID")),
  role: optional(z.enum(Role, `must be one of ${Object.keys(Role).join(", ")}`)),
  expiresAt: ExpiresAt,
});

/** The default role of an account. */
const viewerOf: Record<Exclude<Level, "ORGANIZATION">, Role> = {
  SYSTEM: "SYSTEM_VIEWER",
  WORKSPACE: "WORKSPACE_VIEWER",
  DEPLOYMENT: "DEPLOYMENT_VIEWER",
};

/**
 * Inserts account, role and audit entry in one statement, because CI systems create accounts by the thousand. With
 * `deployment`, the account may belong to a Deployment; if that is being deleted, the statement waits and inserts
 * nothing.
 */
const statementFor = ({ deployment }: { deployment: boolean }): WriteStatement => ({
  ctes: `${
    deployment
      ? `home AS (
  SELECT d.id, d."workspaceId" FROM "Deployment" d WHERE d.id = :deploymentId::text AND d."deletedAt" IS NULL FOR KEY SHARE
), `
      : ""
  }account AS (
  INSERT INTO "ServiceAccount" (id, label, category, "workspaceId", "deploymentId", "createdBy", "keyHash", "keyStart",
    "keyEncrypted", "keyShownUntil", "expiresAt", "keyCreatedAt", "createdAt", "updatedAt")
  SELECT :id::text, :label::text, :category::text, :workspaceId::text, :deploymentId::text, may.actor, :keyHash::text,
    :keyStart::text, :keyEncrypted::text, :keyShownUntil::timestamp, :expiresAt::text::timestamp, :now::timestamp,
    :now::timestamp, :now::timestamp
  FROM may${deployment ? " WHERE :deploymentId::text IS NULL OR EXISTS (SELECT 1 FROM home)" : ""}
  RETURNING *
), binding AS (
  INSERT INTO "RoleBinding" (id, role, "serviceAccountId", "workspaceId", "deploymentId", "createdAt", "updatedAt")
  SELECT :bindingId::text, :role::text::"Role", id, "workspaceId", "deploymentId", "createdAt", "updatedAt" FROM account
  RETURNING *
), entry AS (
  INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", "requestId", address, via,
    detail)
  SELECT :entryId::text, 'createServiceAccount', account."createdBy", 'ServiceAccount', account.id,
    ${deployment ? `coalesce(account."workspaceId", (SELECT home."workspaceId" FROM home))` : `account."workspaceId"`},
    :requestId::text, :address::text, :via::text, jsonb_strip_nulls(jsonb_build_object('label', account.label,
      'category', account.category, 'role', :role::text, 'expiresAt', :expiresAt::text))
  FROM account
)`,
  row: "account",
  related: { RoleBinding: "binding" },
});

/**
 * Creates a service account with a new API key and a role in its scope. The label need not be unique. The response contains the full key, whatever the configuration;
 * its creator can read it again for `serviceAccounts.showFor` minutes. Throws FEATURE_DISABLED while
 * `serviceAccounts.enabled` is false, BAD_USER_INPUT for a role of another level or an expiry that is not allowed, and
 * FORBIDDEN for a role with permissions that the caller lacks.
 */
export const createServiceAccount: WriteDefinition<"ServiceAccount"> = {
  entity: "ServiceAccount",
  statement: statementFor({ deployment: true }),
  toWrite(input, ctx) {
    const { label, category = "", entityType, entityUuid, expiresAt, ...given } = parse(Input, input);
    const role = given.role ?? viewerOf[entityType];
    assertEnabled(ctx);
    assertFits(role, entityType);
    const { apiKey, ...key } = shownKey(ctx);
    return {
      values: {
        ...{ label, category, role, ...homeOf(entityType, entityUuid), ...key },
        expiresAt: expiryOf(ctx, expiresAt)?.toISOString() ?? null,
        ...{ id: newId(), bindingId: newId(), now: ctx.now().toISOString() },
        ...entryValues(ctx),
      },
      grants: role,
      computed: { apiKey, role },
    };
  },
  async check(ctx, { values, grants }, input) {
    const { entityType } = parse(Input, input);
    const home = values as unknown as Home;
    if (grants) assertGrantable(ctx, grants, entityType, await scopeOf(ctx, home));
  },
  missing: deploymentNotFound,
};

/** The same for an account of a Workspace or of the system, with a simpler statement. */
export const createServiceAccountOutsideDeployment: WriteDefinition<"ServiceAccount"> = {
  ...createServiceAccount,
  statement: statementFor({ deployment: false }),
};

/** The scope of the new account, with the Workspace around a Deployment. Throws NOT_FOUND for an unknown Deployment. */
async function scopeOf(ctx: Context, home: Home): Promise<Scope> {
  if (home.deploymentId === null) return home;
  const scope = await findScope(ctx.db, "DEPLOYMENT", home.deploymentId);
  if (!scope) throw deploymentNotFound();
  return scope;
}

function deploymentNotFound() {
  return new AppError("NOT_FOUND", "No Deployment has this ID");
}

/**
 * A new key, and its columns. The encrypted copy is deleted once the key is no longer shown; with 0 minutes there is
 * none.
 */
function shownKey(ctx: WriteContext) {
  const { config, secrets, now } = ctx;
  const { showFor } = config.serviceAccounts;
  const key = newKey(ctx);
  if (showFor === 0) return { ...key, keyEncrypted: null, keyShownUntil: null };
  return {
    ...key,
    keyEncrypted: secrets.seal(key.apiKey, keySecretOf(key.keyHash)),
    keyShownUntil: new Date(now().getTime() + showFor * 60_000).toISOString(),
  };
}
