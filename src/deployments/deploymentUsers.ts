import { z } from "zod";
import { parse } from "../errors.ts";
import { IdOf } from "../input.ts";
import { reading } from "../read/reading.ts";
import { UserSearch, usersWhere } from "../users/userSearch.ts";

const Input = z.object({ deploymentId: IdOf, user: UserSearch });

/** The people with a role in the Deployment itself who match every value of `user`. */
export const deploymentUsers = reading({
  entity: "User",
  many: true,
  ask(args) {
    const { deploymentId, user } = parse(Input, args);
    const member = { table: "RoleBinding", theirs: "userId", ours: "id", where: { deploymentId } };
    return { where: { ...usersWhere(user), member } };
  },
});
