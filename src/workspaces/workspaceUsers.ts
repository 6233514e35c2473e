import { z } from "zod";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";
import { reading } from "../read/reading.ts";
import type { Where } from "../read/where.ts";
import { UserSearch, usersWhere } from "../users/userSearch.ts";

const Input = z.object({ workspaceUuid: IdOf, user: UserSearch });

/** The people with a role in the Workspace itself who match every value of `user`. */
export const workspaceUsers = reading({
  entity: "User",
  many: true,
  ask(args) {
    const { workspaceUuid, user } = parse(Input, args);
    return { where: membersWhere(workspaceUuid, user) };
  },
});

/** The condition that a user has a role in a Workspace and meets a search. */
export const membersWhere = (workspaceId: string, user: UserSearch): Where => ({
  ...usersWhere(user),
  member: { table: "RoleBinding", theirs: "userId", ours: "id", where: { workspaceId } },
});
