import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import type { Where } from "../../query/where.ts";
import { UserSearch, usersWhere } from "../users/userSearch.ts";

const Input = z.object({ workspaceUuid: IdOf, user: UserSearch });

/** The users with a role in the Workspace itself who match every value in `user`. */
export const workspaceUsers = defineRead({
  entity: "User",
  many: true,
  toQuery(args) {
    const { workspaceUuid, user } = parse(Input, args);
    return { where: membersWhere(workspaceUuid, user) };
  },
});

/** The condition that a user has a role in a Workspace and matches a search. */
export const membersWhere = (workspaceId: string, user: UserSearch): Where<"User"> =>
  usersWhere([user], { table: "RoleBinding", theirs: "userId", ours: "id", where: { workspaceId } });
