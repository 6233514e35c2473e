import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { badInput } from "../../platform/errors/appError.ts";

/**
 * Throws BAD_USER_INPUT unless each of the users may hold a system role: active, with a verified e-mail address, in one of
 * `allowedSystemLevelDomains` where that names any. A team must not be a way around what holds for one person.
 */
export async function assertTrusted(
  ctx: Context,
  tx: Prisma.TransactionClient,
  userIds: readonly string[],
  argument: string,
): Promise<void> {
  const domains = ctx.config.allowedSystemLevelDomains;
  const [other] = await tx.$queryRaw<{ username: string }[]>`SELECT u.username FROM "User" u
    WHERE u.id = ANY(${userIds}::text[]) AND NOT (u.status = 'active' AND EXISTS (
      SELECT 1 FROM "Email" e WHERE e."userId" = u.id AND e.verified
        AND (${domains.length === 0} OR substring(e.address FROM '[^@]*$') = ANY(${domains}::text[]))
    )) ORDER BY u.id LIMIT 1`;
  if (!other) return;
  const where = domains.length === 0 ? "" : ` at ${domains.join(", ")} (allowedSystemLevelDomains)`;
  throw badInput(
    argument,
    `in a team with a system role each member needs a verified e-mail address${where}; ${other.username} has none`,
  );
}
