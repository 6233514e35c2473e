import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { isScimOn } from "../../access/isScimOn.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Description, optional } from "../../platform/input/input.ts";
import { existing } from "../../query/existing.ts";
import { changeMembers, type MemberChange } from "./changeMembers.ts";
import { type LockedTeam, lockTeam } from "./lockTeam.ts";
import type { TeamAnswer } from "./teamAnswer.ts";
import { Provider, TeamName, UserIds } from "./teamInput.ts";

const Input = z.object({
  id: optional(z.string("must be an ID")),
  name: optional(TeamName),
  provider: Provider,
  newName: optional(TeamName),
  description: Description.nullish(),
  addUserIds: UserIds,
  removeUserIds: UserIds,
  teamUserIds: UserIds,
});

type Given = z.output<typeof Input>;

/**
 * Changes name, description and members of a team; omitted values are unchanged. Throws NOT_FOUND for an unknown team,
 * CONFLICT if its provider has a team with the new name, BAD_USER_INPUT for unknown user IDs, for arguments that cannot
 * be combined, for a name without a provider, for members of an identity provider's team and for its name if SCIM keeps it, FORBIDDEN for new members
 * of a team with a role that the caller could not grant, FEATURE_DISABLED for members of a local team if there are
 * none.
 */
export async function updateTeam(ctx: Context, input: unknown): Promise<TeamAnswer> {
  const given = parse(Input, input);
  const change = memberChange(given);
  const { id, name, provider, newName, description } = given;
  if (id === undefined && name !== undefined && provider === undefined) {
    throw badInput("provider", "is required with name: several providers may have a team with that name");
  }
  return ctx.db.$transaction(async (tx) => {
    const team = await lockTeam(tx, { id, name, provider }, "id");
    const { added, removed } = await changeMembers(ctx, tx, team, change);
    await assertNameByHand(ctx, tx, team, newName);
    const data = {
      ...(newName === undefined ? {} : { name: newName }),
      ...(description == null ? {} : { description }),
      updatedAt: ctx.now(),
    };
    await tx.team
      .update({ where: { id: team.id }, data, select: { id: true } })
      .catch(
        conflictOn(
          "newName",
          `is already in use by another team of the provider ${team.provider}`,
          existing("Team", { name: newName, provider: team.provider }),
        ),
      );
    await recordAudit(ctx, tx, {
      action: "updateTeam",
      entityType: "Team",
      entityId: team.id,
      detail: { name: newName ?? team.name, before: team.name, provider: team.provider, added, removed },
    });
    return { id: team.id, message: `Team ${newName ?? team.name} was updated` };
  });
}

/** A SCIM client would rename the team again, or no longer find it. */
async function assertNameByHand(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { name, provider }: LockedTeam,
  newName: string | undefined,
): Promise<void> {
  if (newName === undefined || newName === name || !(await isScimOn(ctx, tx, provider))) return;
  throw badInput("newName", `must be omitted: the name of this team comes from its provider ${provider}`);
}

function memberChange({ addUserIds = [], removeUserIds = [], teamUserIds }: Given): MemberChange {
  if (teamUserIds !== undefined) {
    if (addUserIds.length + removeUserIds.length > 0) {
      throw badInput("teamUserIds", "cannot be combined with addUserIds or removeUserIds");
    }
    return { all: teamUserIds, argument: "teamUserIds" };
  }
  const toRemove = new Set(removeUserIds);
  const duplicate = addUserIds.find((id) => toRemove.has(id));
  if (duplicate !== undefined) throw badInput("removeUserIds", `${duplicate} is also in addUserIds`);
  return { add: addUserIds, remove: removeUserIds, argument: "addUserIds" };
}
