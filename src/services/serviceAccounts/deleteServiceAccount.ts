import { z } from "zod";
import { entryValues } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import type { WriteDefinition } from "../../query/defineWrite.ts";
import { accountNotFound, type Home } from "./serviceAccount.ts";

const Input = z.object({ serviceAccountUuid: IdOf });

/** The account to delete, and the scope it must belong to; any scope without `home`. */
export interface AccountToDelete {
  serviceAccountUuid: string;
  home?: Home;
}

/**
 * Deletes a service account and its role, which revokes its API key immediately. With `home`, the account must belong to
 * that scope. Throws NOT_FOUND otherwise, and for API keys of Organizations: of several concurrent deletions, one
 * succeeds.
 */
export const deleteServiceAccount: WriteDefinition<"ServiceAccount"> = {
  entity: "ServiceAccount",
  statement: {
    ctes: `account AS (
  DELETE FROM "ServiceAccount" a USING may WHERE a.id = :id::text AND a."organizationId" IS NULL AND (:anywhere::boolean OR (
    a."workspaceId" IS NOT DISTINCT FROM :workspaceId::text
    AND a."deploymentId" IS NOT DISTINCT FROM :deploymentId::text))
  RETURNING a.*, may.actor
), entry AS (
  INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", "requestId", address, via,
    detail)
  SELECT :entryId::text, 'deleteServiceAccount', account.actor, 'ServiceAccount', account.id,
    coalesce(account."workspaceId", (SELECT d."workspaceId" FROM "Deployment" d WHERE d.id = account."deploymentId")),
    :requestId::text, :address::text, :via::text, jsonb_build_object('label', account.label) FROM account
)`,
    row: "account",
    deletes: true,
  },
  toWrite(input, ctx) {
    const { serviceAccountUuid: id } = parse(Input, input);
    const { home } = input as AccountToDelete;
    const { workspaceId = null, deploymentId = null } = home ?? {};
    return { values: { id, ...entryValues(ctx), anywhere: home === undefined, workspaceId, deploymentId } };
  },
  missing: accountNotFound,
};
