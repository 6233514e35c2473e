import type { Context } from "../../access/context.ts";
import { endSessions } from "../../access/endSessions.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { auditRow, recordAudit } from "../../platform/audit/recordAudit.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { newId } from "../../platform/secrets/newId.ts";
import { assertTrusted } from "../teams/assertTrusted.ts";
import { lockUser } from "../users/lockUser.ts";

interface Team {
  id: string;
  name: string;
}

/** A user, and the names of all teams of a provider that they are in. */
interface Membership {
  userId: string;
  provider: string;
  names: readonly string[];
}

/**
 * Makes a user a member of exactly these teams of a provider, which are created if there are none. Teams of others stay as they
 * are. A team with a system role takes only members who may hold it. Locks the teams and then the user, as other changes do.
 */
export async function importTeams(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { userId, provider, names }: Membership,
): Promise<void> {
  const held = await tx.$queryRaw<Team[]>`SELECT t.id, t.name FROM "TeamMember" m JOIN "Team" t ON t.id = m."teamId"
    WHERE m."userId" = ${userId} AND t.provider = ${provider}`;
  const wanted = new Set(names);
  const heldNames = new Set(held.map(({ name }) => name));
  const missing = [...wanted].filter((name) => !heldNames.has(name)).sort();
  const toRemove = held.filter(({ name }) => !wanted.has(name));
  if (missing.length + toRemove.length === 0) return;

  const toAdd = await teamsNamed(ctx, tx, provider, missing);
  const ids = [...toAdd, ...toRemove].map(({ id }) => id);
  await tx.$queryRaw`SELECT id FROM "Team" WHERE id = ANY(${ids}::text[]) ORDER BY id FOR UPDATE`;
  await lockUser(tx, { id: userId });
  const systemTeams = await withSystemRole(tx, ids);
  const mayHoldSystemRole = toAdd.some(({ id }) => systemTeams.has(id)) ? await isTrusted(ctx, tx, userId) : true;
  const added = toAdd.filter(({ id }) => mayHoldSystemRole || !systemTeams.has(id));
  if (added.length < toAdd.length) {
    ctx.log.warn({ userId, provider }, "Not added to teams with a system role, which the user may not hold");
  }
  const members = added.map(({ id: teamId }) => ({ teamId, userId }));
  await tx.teamMember.createMany({ data: members, skipDuplicates: true });
  await tx.teamMember.deleteMany({ where: { userId, teamId: { in: toRemove.map(({ id }) => id) } } });
  if (toRemove.some(({ id }) => systemTeams.has(id))) await endSessions(tx, userId);
  if (added.length + toRemove.length === 0) return;
  const namesOf = (teams: readonly Team[]) => teams.map(({ name }) => name);
  await recordAudit(ctx, tx, {
    action: "importTeams",
    entityType: "User",
    entityId: userId,
    detail: { provider, added: namesOf(added), removed: namesOf(toRemove) },
  });
}

/** The teams with these names, created if there are none. */
async function teamsNamed(
  ctx: Context,
  tx: Prisma.TransactionClient,
  provider: string,
  names: readonly string[],
): Promise<Team[]> {
  if (names.length === 0) return [];
  const where = { provider, name: { in: [...names] } };
  const before = new Set((await tx.team.findMany({ where, select: { name: true } })).map(({ name }) => name));
  const data = names.filter((name) => !before.has(name)).map((name) => ({ id: newId(), name, provider }));
  // Somebody else may be signing in with the same new groups.
  if (data.length > 0) await tx.team.createMany({ data, skipDuplicates: true });
  const teams = await tx.team.findMany({ where, select: { id: true, name: true } });
  const ours = new Set(data.map(({ id }) => id));
  const entries = teams
    .filter(({ id }) => ours.has(id))
    .map(({ id, name }) =>
      auditRow(ctx, { action: "createTeam", entityType: "Team", entityId: id, detail: { name, provider } }),
    );
  if (entries.length > 0) await tx.auditEntry.createMany({ data: entries });
  return teams;
}

/** Those of the teams that hold a role on the whole platform. */
async function withSystemRole(tx: Prisma.TransactionClient, ids: string[]): Promise<ReadonlySet<string>> {
  const held = await tx.roleBinding.findMany({
    where: { teamId: { in: ids }, workspaceId: null, deploymentId: null },
    select: { teamId: true },
  });
  return new Set(held.map(({ teamId }) => teamId ?? ""));
}

/** Whether a user may hold a system role. */
export async function isTrusted(ctx: Context, tx: Prisma.TransactionClient, userId: string): Promise<boolean> {
  try {
    await assertTrusted(ctx, tx, [userId], "groups");
    return true;
  } catch (error) {
    if (asAppError(error)?.code !== "BAD_USER_INPUT") throw error;
    return false;
  }
}
