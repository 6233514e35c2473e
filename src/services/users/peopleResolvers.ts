import type { Resolvers } from "../../query/resolvers.ts";
import { readThen } from "../../query/thenRead.ts";
import { email } from "./email.ts";
import { removeUser, userToRemove } from "./removeUser.ts";
import { users } from "./users.ts";
import { verifyEmail } from "./verifyEmail.ts";

/** Administration of users. */
export const resolvers: Resolvers = {
  Query: { users, email },
  Mutation: {
    removeUser: readThen("User", (args: object) => ({ id: userToRemove(args).id }), removeUser),
    verifyEmail: (_, args, ctx) => verifyEmail(ctx, args),
  },
};
