import { z } from "zod";
import { parse } from "../../../platform/errors/parse.ts";
import { IdOf } from "../../../platform/input/input.ts";
import { defineRead } from "../../../query/defineRead.ts";
import type { Also } from "../../../query/where.ts";
import { UserSearch, usersWhere } from "../../users/userSearch.ts";

const Input = z.object({ deploymentId: IdOf, user: UserSearch });

/** The users with a role in the Deployment itself who match every value in `user`. */
export const deploymentUsers = defineRead({
  entity: "User",
  many: true,
  toQuery(args) {
    const { deploymentId, user } = parse(Input, args);
    const member: Also<"User"> = { table: "RoleBinding", theirs: "userId", ours: "id", where: { deploymentId } };
    return { where: usersWhere([user], member) };
  },
});
