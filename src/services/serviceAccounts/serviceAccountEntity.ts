import type { Context } from "../../access/context.ts";
import type { Entity } from "../../query/entity.ts";
import { creatorRemoved } from "./creatorRemoved.ts";
import { previousKeyFields } from "./keyFields.ts";

interface KeyColumns {
  createdBy: string;
  keyHash: string;
  keyStart: string;
  keyEncrypted: string | null;
  keyShownUntil: string | null;
}

/** The context that the encrypted copy of a key is bound to: it can only be decrypted with the hash of the same key. */
export const keySecretOf = (keyHash: string) => `ServiceAccount:${keyHash}`;

/** The role in the account's own scope, without those on the Deployments that it created. */
export const ownRole = `(SELECT b.role FROM "RoleBinding" b WHERE b."serviceAccountId" = $row.id
  AND b."organizationId" IS NOT DISTINCT FROM $row."organizationId"
  AND b."workspaceId" IS NOT DISTINCT FROM $row."workspaceId"
  AND b."deploymentId" IS NOT DISTINCT FROM $row."deploymentId" LIMIT 1)`;

/** Service accounts of the system, a Workspace or a Deployment. */
export const serviceAccountEntity: Entity<"ServiceAccount"> = {
  table: "ServiceAccount",
  visible: [
    { callerAccount: "id" },
    { permission: "system.serviceAccounts.get" },
    { permission: "workspace.serviceAccounts.get", workspace: "workspaceId" },
    { permission: "deployment.serviceAccounts.get", deployment: "deploymentId" },
  ],
  // Those of an Organization are API keys of the alpha API.
  where: `$row."organizationId" IS NULL`,
  scope: { workspace: "workspaceId", deployment: "deploymentId" },
  order: `$row."createdAt", $row.id`,
  fields: {
    uuid: { column: "id" },
    apiKey: { from: ["createdBy", "keyHash", "keyStart", "keyEncrypted", "keyShownUntil"], make: shownKey },
    entityType: {
      sql: `CASE WHEN $row."workspaceId" IS NOT NULL THEN 'WORKSPACE' WHEN $row."deploymentId" IS NOT NULL THEN 'DEPLOYMENT' ELSE 'SYSTEM' END`,
    },
    entityUuid: { sql: `coalesce($row."workspaceId", $row."deploymentId")` },
    workspaceUuid: { column: "workspaceId" },
    deploymentUuid: { column: "deploymentId" },
    role: { sql: ownRole },
    creatorRemoved: { sql: creatorRemoved },
    ...previousKeyFields,
    roleBindings: { many: "RoleBinding", theirs: "serviceAccountId", implied: true },
  },
};

/**
 * The full key for `serviceAccounts.showFor` minutes, but only for the creator of the account: others who may list the
 * account would gain its permissions. Otherwise the first characters of the key.
 */
function shownKey(row: KeyColumns, ctx: Context): string {
  const creator = row.createdBy === `${ctx.caller.kind}:${ctx.caller.id}`;
  const shown = row.keyShownUntil !== null && new Date(`${row.keyShownUntil}Z`) > ctx.now();
  return creator && shown && row.keyEncrypted !== null
    ? ctx.secrets.open(row.keyEncrypted, keySecretOf(row.keyHash))
    : row.keyStart;
}
