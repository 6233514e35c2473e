import type { Resolvers } from "../../generated/alphaResolvers.ts";
import { createNewUser } from "./createNewUser.ts";
import { createToken } from "./createToken.ts";

/** Signing up and signing in. */
export const resolvers: Resolvers = {
  Mutation: {
    createToken: (_, args, ctx) => createToken(ctx, args),
    createNewUser: (_, args, ctx) => createNewUser(ctx, args),
  },
};
