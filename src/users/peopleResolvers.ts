import { readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { email } from "./email.ts";
import { removeUser, userToRemove } from "./removeUser.ts";
import { users } from "./users.ts";
import { verifyEmail } from "./verifyEmail.ts";

/** People, as those see them who look after the platform. */
export const resolvers: Resolvers = {
  Query: { users, email },
  Mutation: {
    removeUser: async (_, args: object, ctx, info) => {
      const { id } = userToRemove(args);
      const answer = await readOne(ctx, info, "User", { id });
      await removeUser(ctx, args);
      return answer;
    },
    verifyEmail: (_, args, ctx) => verifyEmail(ctx, args),
  },
};
