import type { Prisma } from "../../generated/prisma/client.ts";
import { badInput } from "../../platform/errors/appError.ts";

/**
 * Throws BAD_USER_INPUT, naming its index, for an ID that is no Workspace of the Organization. Those that are stored
 * already are allowed: one may have been deleted since.
 */
export async function assertWorkspaces(
  tx: Prisma.TransactionClient,
  organizationId: string,
  ids: readonly string[],
  stored: readonly string[] = [],
): Promise<void> {
  const added = ids.filter((id) => !stored.includes(id));
  if (added.length === 0) return;
  const rows = await tx.workspace.findMany({ where: { organizationId, id: { in: added } }, select: { id: true } });
  const known = new Set([...stored, ...rows.map(({ id }) => id)]);
  const unknown = ids.findIndex((id) => !known.has(id));
  if (unknown >= 0) throw badInput(`workspaceIds.${unknown}`, "must be the ID of a Workspace of the Organization");
}
