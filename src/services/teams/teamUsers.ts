import { z } from "zod";
import { authorize } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { forbidden } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import { membership, seesMembers } from "../users/membership.ts";
import { teamNotFound } from "./lockTeam.ts";

const Input = z.object({ teamUuid: IdOf });

/**
 * The members of a team. A team has no single scope in which a permission could be checked, so `membership` decides.
 * Throws FORBIDDEN for a team whose members the caller may not see, whether it exists or not.
 */
export const teamUsers = defineRead({
  entity: "User",
  many: true,
  toQuery(args) {
    const { teamUuid: teamId } = parse(Input, args);
    return {
      where: {
        also: [{ table: "TeamMember", theirs: "userId", ours: "id", where: { teamId }, rights: membership }],
      },
    };
  },
  missing: (args, ctx) => reasonForEmpty(ctx, parse(Input, args).teamUuid),
});

async function reasonForEmpty(ctx: Context, teamId: string): Promise<Error | undefined> {
  if (await seesMembers(ctx, ctx.db, teamId)) return undefined;
  return authorize(ctx.roles, ctx.caller, ["system.teams.get"])
    ? teamNotFound("teamUuid")
    : forbidden(["system.teams.get"]);
}
