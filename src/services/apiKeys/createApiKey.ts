import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { HEADER, notYours } from "../../access/organizationHeader.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, Label, optional } from "../../platform/input/input.ts";
import { ExpiresAt, expiryOf } from "../serviceAccounts/keyExpiry.ts";
import { assertEnabled, newKey } from "../serviceAccounts/newKey.ts";
import { RoleName, roleNames } from "./apiKey.ts";

/** Maximum number in an Organization. Anyone may create one, and lists are returned whole. */
const MAX_KEYS = 1000;

const Input = z.object({ organizationId: IdOf, name: Label, role: optional(RoleName), expiresAt: ExpiresAt });

/**
 * Creates an API key of an Organization: a service account with a role there. Returns the key, of which only the hash
 * is stored, so it cannot be shown again. The name need not be unique. Throws FEATURE_DISABLED while `serviceAccounts.enabled` is false, FORBIDDEN for a role with permissions
 * that the caller lacks, and BAD_USER_INPUT for an expiry that is not allowed, or if the Organization already has 1,000 API keys.
 */
export async function createApiKey(ctx: Context, input: unknown): Promise<{ id: string; apiKey: string }> {
  const { organizationId, name, role = "Router", ...asked } = parse(Input, input);
  assertEnabled(ctx);
  const granted = roleNames[role];
  assertGrantable(ctx, granted, "ORGANIZATION", { organizationId });
  const expiresAt = expiryOf(ctx, asked.expiresAt);
  const { apiKey, ...key } = newKey(ctx);
  return ctx.db.$transaction(async (tx) => {
    await assertRoom(tx, organizationId);
    const { id } = await tx.serviceAccount.create({
      data: {
        ...{ organizationId, label: name, createdBy: actorOf(ctx), ...key, expiresAt },
        roleBindings: { create: { role: granted, organizationId } },
      },
      select: { id: true },
    });
    await recordAudit(ctx, tx, {
      action: "createApiKey",
      entityType: "ServiceAccount",
      entityId: id,
      detail: { organizationId, name, role, ...(expiresAt && { expiresAt: expiresAt.toISOString() }) },
    });
    return { id, apiKey };
  });
}

/** Throws if one more is too many. Locks the Organization, so that concurrent requests are counted one by one. */
async function assertRoom(tx: Prisma.TransactionClient, organizationId: string): Promise<void> {
  const [found] = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Organization" WHERE id = ${organizationId} FOR NO KEY UPDATE`;
  if (!found) throw notYours();
  const count = await tx.serviceAccount.count({ where: { organizationId } });
  if (count >= MAX_KEYS) {
    throw badInput(HEADER, `already has ${MAX_KEYS.toLocaleString("en-US")} API keys, the maximum; delete one first`);
  }
}
