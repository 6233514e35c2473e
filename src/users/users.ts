import { z } from "zod";
import { parse } from "../errors.ts";
import { reading } from "../read/reading.ts";
import { UserSearch, usersWhere } from "./userSearch.ts";

const Input = z.object({ user: UserSearch });

/** The people who match every given value exactly, inside `user` or beside it; everyone when none is given. */
export const users = reading({
  entity: "User",
  many: true,
  ask: (args) => ({ where: usersWhere(parse(Input, args).user, parse(UserSearch, args)) }),
});
