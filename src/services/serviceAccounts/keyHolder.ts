import type { Prisma } from "../../generated/prisma/client.ts";
import type { Change } from "../../platform/audit/recordAudit.ts";

/** What changes of a service account's keys read of it. */
const select = {
  ...{ id: true, label: true, organizationId: true, workspaceId: true, keyHash: true, keyStart: true },
  ...{ keyCreatedAt: true, expiresAt: true, keyLastUsedAt: true, previousKeyExpiresAt: true },
  deployment: { select: { workspaceId: true } },
} as const satisfies Prisma.ServiceAccountSelect;

export type KeyHolder = Prisma.ServiceAccountGetPayload<{ select: typeof select }>;

/**
 * The service account, locked until the end of the transaction, so that changes of its keys follow one another. Throws
 * `notFound` if there is none.
 */
export async function lockKeyHolder(
  tx: Prisma.TransactionClient,
  { id, organizationId, notFound }: { id: string; organizationId: string | null; notFound(): Error },
): Promise<KeyHolder> {
  await tx.$queryRaw`SELECT 1 FROM "ServiceAccount" WHERE id = ${id} FOR NO KEY UPDATE`;
  const account = await tx.serviceAccount.findUnique({ where: { id, organizationId }, select });
  if (!account) throw notFound();
  return account;
}

/** The audit entry for a change of its keys. */
export const recordedIn = (
  { id, label, organizationId, workspaceId, deployment }: KeyHolder,
  { action, detail }: Pick<Change, "action" | "detail">,
): Change => ({
  action,
  entityType: "ServiceAccount",
  entityId: id,
  workspaceId: workspaceId ?? deployment?.workspaceId ?? null,
  detail: { ...(organizationId ? { organizationId, name: label } : { label }), ...detail },
});
