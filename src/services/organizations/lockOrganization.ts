import type { Prisma } from "../../generated/prisma/client.ts";
import { AppError } from "../../platform/errors/appError.ts";

/**
 * Locks an Organization, so that changes of its people are made one after the other and nothing can be added to it.
 * Throws NOT_FOUND for one that was just deleted.
 */
export async function lockOrganization(
  tx: Prisma.TransactionClient,
  id: string,
): Promise<{ id: string; name: string }> {
  const [organization] = await tx.$queryRaw<{ id: string; name: string }[]>`SELECT id, name FROM "Organization"
    WHERE id = ${id} FOR UPDATE`;
  if (!organization) throw new AppError("NOT_FOUND", "organization: unknown Organization", "organization");
  return organization;
}
