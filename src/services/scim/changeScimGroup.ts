import { z } from "zod";
import { isSystemWide } from "../../access/heldRole.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { parse } from "../../platform/errors/parse.ts";
import { newId } from "../../platform/secrets/newId.ts";
import { endMemberSessions } from "../teams/members.ts";
import { TeamName } from "../teams/teamInput.ts";
import { rolesOf } from "../teams/teamRoles.ts";
import { changeScimMembers } from "./changeScimMembers.ts";
import { groupUnknown } from "./listScimGroups.ts";
import type { GroupChange } from "./memberChange.ts";
import { recordScim } from "./recordScim.ts";
import type { ScimContext } from "./scimContext.ts";
import { unique } from "./unique.ts";

const Names = z.object({
  displayName: TeamName,
  externalId: z
    .string()
    .max(1_000, "must be a string of at most 1,000 characters")
    .refine((id) => id.isWellFormed() && !id.includes("\0"), "must not contain NUL or unpaired surrogates")
    .nullable(),
});

const taken = (name: string) =>
  unique("displayName", `the provider already has a group with this externalId, or with the name ${name}`);

/**
 * Creates a team of the provider, without roles. Returns its ID. Throws CONFLICT if the provider has a group with this name or
 * externalId, BAD_USER_INPUT for a name that is no name of a team, and the errors of `changeScimMembers`.
 */
export async function createScimGroup(
  ctx: ScimContext,
  given: { displayName: unknown; externalId: unknown; members: readonly string[] },
): Promise<string> {
  const { displayName: name, externalId } = parse(Names, { ...given, externalId: given.externalId ?? null });
  const id = newId();
  const { provider } = ctx;
  return ctx.db.$transaction(async (tx) => {
    const data = { id, name, externalId, provider, createdAt: ctx.now(), updatedAt: ctx.now() };
    await tx.team.create({ data, select: { id: true } }).catch(taken(name));
    const members = { keep: true, add: new Set(given.members), remove: new Set<string>() };
    const { detail } = await changeScimMembers(ctx, tx, id, members);
    await recordScim(ctx, tx, {
      action: "createScimGroup",
      entityType: "Team",
      entityId: id,
      detail: { name, ...detail },
    });
    return id;
  });
}

/**
 * Changes name, externalId and members of a team of the provider. Changes nothing if nothing differs. Throws NOT_FOUND for an
 * unknown team, and the errors of `createScimGroup`.
 */
export async function changeScimGroup(ctx: ScimContext, id: string, change: GroupChange): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const team = await lockScimTeam(ctx, tx, id);
    const { displayName: name, externalId } = parse(Names, {
      displayName: change.displayName ?? team.name,
      externalId: change.externalId === undefined ? team.externalId : change.externalId,
    });
    const members = change.members && (await changeScimMembers(ctx, tx, id, change.members));
    if (name === team.name && externalId === team.externalId && !members?.isChanged) return;
    const data = { name, externalId, updatedAt: ctx.now() };
    await tx.team.update({ where: { id }, data, select: { id: true } }).catch(taken(name));
    await recordScim(ctx, tx, {
      action: "updateScimGroup",
      entityType: "Team",
      entityId: id,
      detail: { name, before: team.name, ...members?.detail },
    });
  });
}

/** Removes a team of the provider with its roles. Who had a system role by it loses their sessions. Throws NOT_FOUND. */
export async function removeScimGroup(ctx: ScimContext, id: string): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const { name } = await lockScimTeam(ctx, tx, id);
    const hasSystemRole = (await rolesOf(tx, id)).some(({ scope }) => isSystemWide(scope));
    if (hasSystemRole) await endMemberSessions(tx, id);
    await tx.team.delete({ where: { id }, select: { id: true } });
    await recordScim(ctx, tx, { action: "removeScimGroup", entityType: "Team", entityId: id, detail: { name } });
  });
}

/** As `lockTeam`, for a team of the provider only. */
async function lockScimTeam({ provider }: ScimContext, tx: Prisma.TransactionClient, id: string) {
  const [team] = id.includes("\0")
    ? []
    : await tx.$queryRaw<{ name: string; externalId: string | null }[]>`SELECT name, "externalId" FROM "Team"
        WHERE id = ${id} AND provider = ${provider} FOR UPDATE`;
  if (!team) throw groupUnknown(id);
  return team;
}
