import type { Context } from "../../access/context.ts";
import { isScimOn } from "../../access/isScimOn.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { SignOnRefused } from "./refused.ts";

/** Who signs in: the user, and the provider. */
interface Of {
  userId: string;
  provider: string;
}

/**
 * Throws SignOnRefused if a SCIM client of any provider has deactivated the user ("inactive"), or one keeps the users of this
 * provider and does not have this one ("notProvisioned").
 */
export async function assertProvisioned(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { userId, provider }: Of,
): Promise<void> {
  const rows = await tx.scimUser.findMany({ where: { userId }, select: { provider: true, active: true } });
  if (rows.some(({ active }) => !active)) throw new SignOnRefused("inactive");
  if (rows.some((row) => row.provider === provider) || !(await isScimOn(ctx, tx, provider))) return;
  throw new SignOnRefused("notProvisioned");
}
