import type { Resolvers } from "../../generated/resolvers.ts";
import { readThen } from "../../query/thenRead.ts";
import { email } from "./email.ts";
import { removeUser, userToRemove } from "./removeUser.ts";
import { users } from "./users.ts";
import { verifyEmail } from "./verifyEmail.ts";

/** Administration of users. */
export const resolvers: Resolvers = {
  Query: { users, email },
  Mutation: {
    removeUser: readThen("User", (args) => ({ id: userToRemove(args).id }), removeUser),
    verifyEmail: (_, args, ctx) => verifyEmail(ctx, args),
  },
};
