import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { defineRead } from "../../query/defineRead.ts";
import { UserSearch, usersWhere } from "./userSearch.ts";

const Input = z.object({ user: UserSearch });

/** The users who match every given value exactly, in `user` or in the other arguments; all users if none is given. */
export const users = defineRead({
  entity: "User",
  many: true,
  toQuery: (args) => ({ where: usersWhere([parse(Input, args).user, parse(UserSearch, args)]) }),
});
