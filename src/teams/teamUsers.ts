import { z } from "zod";
import { authorize } from "../auth/authorize.ts";
import type { Context } from "../context.ts";
import { forbidden, parse } from "../errors.ts";
import { IdOf } from "../input.ts";
import { reading } from "../read/reading.ts";
import { teamNotFound } from "./lockTeam.ts";
import { membership, seesMembers } from "./membership.ts";

const Input = z.object({ teamUuid: IdOf });

/**
 * The people in a team. A team lies in no one scope, so no argument says where a permission must be held: `membership`
 * decides. Throws FORBIDDEN for a team, there or not, whose members the caller may not see.
 */
export const teamUsers = reading({
  entity: "User",
  many: true,
  ask(args) {
    const { teamUuid: teamId } = parse(Input, args);
    const member = { table: "TeamMember", theirs: "userId", ours: "id", where: { teamId }, rights: membership };
    return { where: { member } };
  },
  missing: (args, ctx) => whyNobody(ctx, parse(Input, args).teamUuid),
});

async function whyNobody(ctx: Context, teamId: string): Promise<Error | undefined> {
  if (await seesMembers(ctx, ctx.db, teamId)) return undefined;
  return authorize(ctx.roles, ctx.caller, ["system.teams.get"]) ? teamNotFound("teamUuid") : forbidden();
}
