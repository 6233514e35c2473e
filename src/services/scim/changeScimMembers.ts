import { isSystemWide } from "../../access/heldRole.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { assertTrusted } from "../teams/assertTrusted.ts";
import { endSessionsOf, lockUsers } from "../teams/members.ts";
import { rolesOf } from "../teams/teamRoles.ts";
import type { MemberChange } from "./memberChange.ts";
import type { ScimContext } from "./scimContext.ts";
import { ScimError } from "./scimError.ts";

/** IDs that an error or an audit entry lists. */
const MAX_LISTED = 100;

/**
 * Adds users to a locked team and removes others: one statement each, whatever their number. Who leaves a team with a system
 * role loses their sessions. Returns what an audit entry says about it. Throws invalidValue for IDs that are not those of the
 * provider's users, and for users who may not hold the team's system role.
 */
export async function changeScimMembers(
  ctx: ScimContext,
  tx: Prisma.TransactionClient,
  teamId: string,
  { keep, add, remove }: MemberChange,
): Promise<{ isChanged: boolean; detail: Prisma.InputJsonObject }> {
  const hasSystemRole = (await rolesOf(tx, teamId)).some(({ scope }) => isSystemWide(scope));
  const toAdd = [...add].sort();
  if (hasSystemRole) {
    await lockUsers(tx, toAdd);
    await assertTrusted(ctx, tx, toAdd, "members");
  }
  const removed = await removeMembers(tx, teamId, keep ? { these: [...remove] } : { allBut: toAdd });
  const added = await addMembers(ctx, tx, teamId, toAdd);
  if (hasSystemRole) await endSessionsOf(tx, removed);
  return {
    isChanged: added.length + removed.length > 0,
    detail: {
      ...{ addedCount: added.length, added: added.slice(0, MAX_LISTED) },
      ...{ removedCount: removed.length, removed: removed.slice(0, MAX_LISTED) },
    },
  };
}

async function removeMembers(
  tx: Prisma.TransactionClient,
  teamId: string,
  which: { these: string[] } | { allBut: string[] },
): Promise<string[]> {
  if ("these" in which && which.these.length === 0) return [];
  const rows =
    "these" in which
      ? await tx.$queryRaw<{ userId: string }[]>`DELETE FROM "TeamMember"
          WHERE "teamId" = ${teamId} AND "userId" = ANY(${which.these}::text[]) RETURNING "userId"`
      : await tx.$queryRaw<{ userId: string }[]>`DELETE FROM "TeamMember" m WHERE m."teamId" = ${teamId}
          AND NOT EXISTS (SELECT 1 FROM unnest(${which.allBut}::text[]) AS kept (id) WHERE kept.id = m."userId")
          RETURNING m."userId"`;
  return rows.map(({ userId }) => userId);
}

async function addMembers(
  { provider }: ScimContext,
  tx: Prisma.TransactionClient,
  teamId: string,
  ids: string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const [row] = await tx.$queryRaw<{ known: number; added: string[] | null }[]>`WITH known AS MATERIALIZED (
      SELECT s."userId" FROM unnest(${ids}::text[]) AS given (id)
      JOIN "ScimUser" s ON s.provider = ${provider} AND s."userId" = given.id
    ), added AS (
      INSERT INTO "TeamMember" ("teamId", "userId") SELECT ${teamId}, "userId" FROM known
      ON CONFLICT DO NOTHING RETURNING "userId"
    )
    SELECT (SELECT count(*)::int FROM known) AS known, (SELECT array_agg("userId") FROM added) AS added`;
  if (row?.known === ids.length) return row.added ?? [];
  const unknown = await tx.$queryRaw<{ id: string }[]>`SELECT given.id FROM unnest(${ids}::text[]) AS given (id)
    WHERE NOT EXISTS (SELECT 1 FROM "ScimUser" s WHERE s.provider = ${provider} AND s."userId" = given.id)
    ORDER BY 1 LIMIT 5`;
  throw new ScimError("invalidValue", `members: unknown user ${unknown.map(({ id }) => id).join(", ")}`);
}
