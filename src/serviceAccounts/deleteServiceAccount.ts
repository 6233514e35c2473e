import { z } from "zod";
import { auditRow } from "../audit/recordAudit.ts";
import type { Context } from "../context.ts";
import { parse } from "../errors.ts";
import { Prisma } from "../generated/prisma/client.ts";
import { IdOf } from "../input.ts";
import { newId } from "../newId.ts";
import { execute, type Write } from "../read/readWritten.ts";
import { accountNotFound, type Home } from "./serviceAccount.ts";

const Input = z.object({ serviceAccountUuid: IdOf });

/**
 * Deletes a service account and its role; its API key is refused from the next request on. With `home` the account must
 * live there. Throws NOT_FOUND otherwise: of several deletions at once, one succeeds.
 */
export async function deleteServiceAccount(
  ctx: Context,
  input: unknown,
  home?: Home,
  write: Write = execute,
): Promise<void> {
  const { serviceAccountUuid: id } = parse(Input, input);
  const entry = auditRow(ctx, { action: "deleteServiceAccount", entityType: "ServiceAccount", entityId: id });
  const ctes = Prisma.sql`account AS (
      DELETE FROM "ServiceAccount" WHERE id = ${id} AND (${home === undefined} OR (
        "workspaceId" IS NOT DISTINCT FROM ${home?.workspaceId ?? null}
        AND "deploymentId" IS NOT DISTINCT FROM ${home?.deploymentId ?? null}))
      RETURNING *
    ), entry AS (
      INSERT INTO "AuditEntry" (id, action, actor, "entityType", "entityId", "workspaceId", "requestId", detail)
      SELECT ${newId()}, ${entry.action}, ${entry.actor}, ${entry.entityType}, account.id,
        coalesce(account."workspaceId", (SELECT d."workspaceId" FROM "Deployment" d WHERE d.id = account."deploymentId")),
        ${entry.requestId}, jsonb_build_object('label', account.label) FROM account
    )`;
  if (!(await write(ctx, { ctes, row: "account", deletes: true }))) throw accountNotFound();
}
