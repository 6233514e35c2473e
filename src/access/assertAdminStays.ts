import type { Prisma } from "../generated/prisma/client.ts";
import { AppError } from "../platform/errors/appError.ts";
import type { Scope } from "./authorize.ts";
import { columnOf, levelOfScope, ruleOf } from "./reach.ts";
import { roleDefinitions } from "./roleDefinitions.ts";

/**
 * Throws CONFLICT unless a user other than `userId` holds the admin role of the scope itself; roles on enclosing scopes
 * do not count, nor do System Admins whom their identity provider has deactivated. First locks the role bindings of the scope's admins, always in the same order, so that each of several
 * concurrent removals sees the result of the previous one.
 */
export async function assertAdminStays(
  tx: Prisma.TransactionClient,
  scope: Scope,
  userId: string,
  argument: string,
): Promise<void> {
  const level = levelOfScope(scope);
  const { admin } = ruleOf(level);
  const column = columnOf(level);
  const inScope = column === undefined ? "" : `"${column}" = $1 AND `;
  const admins = await tx.$queryRawUnsafe<{ userId: string }[]>(
    `SELECT "userId" FROM "RoleBinding" WHERE ${inScope}role = '${admin}' AND "userId" IS NOT NULL ORDER BY id FOR UPDATE`,
    ...(column === undefined ? [] : [scope[column]]),
  );
  if (!admins.some((holder) => holder.userId === userId)) return;
  const others = admins.map((holder) => holder.userId).filter((id) => id !== userId);
  if (level === "SYSTEM" ? await canOneSignIn(tx, others) : others.length > 0) return;
  throw new AppError(
    "CONFLICT",
    `${argument}: this is the last ${roleDefinitions[admin].name}; grant the role to another user first`,
    argument,
  );
}

/** A statement of its own: it sees what was committed while the role bindings were being locked. */
async function canOneSignIn(tx: Prisma.TransactionClient, userIds: readonly string[]): Promise<boolean> {
  if (userIds.length === 0) return false;
  const [row] = await tx.$queryRaw<{ found: boolean }[]>`SELECT EXISTS (
    SELECT 1 FROM unnest(${userIds}::text[]) AS u (id)
    WHERE NOT EXISTS (SELECT 1 FROM "ScimUser" s WHERE s."userId" = u.id AND NOT s.active)) AS found`;
  return row?.found ?? false;
}
