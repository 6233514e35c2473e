import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { badInput } from "../../platform/errors/appError.ts";

/**
 * Throws BAD_USER_INPUT unless each of the users may hold a system role: active, with an e-mail address that its owner
 * proved or a System Admin verified, in one of `allowedSystemLevelDomains` unless that is empty. Teams must not
 * circumvent the rule for single users.
 */
export async function assertTrusted(
  ctx: Pick<Context, "config">,
  tx: Prisma.TransactionClient,
  userIds: readonly string[],
  argument: string,
): Promise<void> {
  const domains = ctx.config.allowedSystemLevelDomains;
  const [untrusted] = await tx.$queryRaw<{ username: string }[]>`SELECT u.username FROM "User" u
    WHERE u.id = ANY(${userIds}::text[]) AND NOT (u.status = 'active' AND EXISTS (
      SELECT 1 FROM "Email" e WHERE e."userId" = u.id AND e.proven
        AND (${domains.length === 0} OR substring(e.address FROM '[^@]*$') = ANY(${domains}::text[]))
    )) ORDER BY u.id LIMIT 1`;
  if (!untrusted) return;
  const allowed = domains.length === 0 ? "" : ` at ${domains.join(", ")} (allowedSystemLevelDomains)`;
  throw badInput(
    argument,
    `members of a team with a system role must have a verified e-mail address${allowed}; ${untrusted.username} has none`,
  );
}
