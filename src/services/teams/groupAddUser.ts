import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { changeMembers } from "./changeMembers.ts";
import { lockTeam } from "./lockTeam.ts";

const Input = z.object({ groupUuid: IdOf, userUuid: IdOf });

/** Adds a user to a team, like `updateTeam` with `addUserIds`; no effect if they are already a member. */
export async function groupAddUser(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { groupUuid, userUuid } = parse(Input, input);
  return ctx.db.$transaction(async (tx) => {
    const team = await lockTeam(tx, { id: groupUuid }, "groupUuid");
    const { added } = await changeMembers(ctx, tx, team, { add: [userUuid], remove: [], argument: "userUuid" });
    if (added.length > 0) {
      await recordAudit(ctx, tx, {
        action: "groupAddUser",
        entityType: "Team",
        entityId: team.id,
        detail: { name: team.name, added },
      });
    }
    return { id: team.id };
  });
}
