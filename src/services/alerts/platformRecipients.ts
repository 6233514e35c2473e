import { bindingsOf } from "../../access/bindingsSql.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import type { Config } from "../../platform/config/config.ts";

const isAdmin = bindingsOf({ user: "u.id" }).map((from) => `SELECT 1 ${from} AND b.role = 'SYSTEM_ADMIN'`);

const STATEMENT = `SELECT DISTINCT e.address FROM "User" u CROSS JOIN LATERAL (
  SELECT address FROM "Email" WHERE "userId" = u.id ORDER BY "primary" DESC, "createdAt" LIMIT 1
) e
WHERE u.status = 'active' AND EXISTS (${isAdmin.join(" UNION ALL ")}) ORDER BY e.address`;

/** Who is told of alerts of the platform: `alertmanager.recipients`, otherwise the System Admins, each at one address. */
export async function platformRecipients(
  tx: Pick<Prisma.TransactionClient, "$queryRawUnsafe">,
  { alertmanager }: Config,
): Promise<string[]> {
  if (alertmanager.recipients.length > 0) return [...new Set(alertmanager.recipients)];
  const rows = await tx.$queryRawUnsafe<{ address: string }[]>(STATEMENT);
  return rows.map(({ address }) => address);
}
