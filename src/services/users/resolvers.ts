import type { Resolvers } from "../../generated/resolvers.ts";
import { readOne } from "../../query/read.ts";
import { authUserFields } from "./authUser.ts";
import { confirmEmail } from "./confirmEmail.ts";
import { createToken } from "./createToken.ts";
import { createUser } from "./createUser.ts";
import { forgotPassword } from "./forgotPassword.ts";
import { resendConfirmation } from "./resendConfirmation.ts";
import { resetPassword } from "./resetPassword.ts";
import { updateSelf } from "./updateSelf.ts";

/** Signing up, signing in, and the caller's own account. */
export const resolvers: Resolvers = {
  Query: {
    self: (_, _args, ctx) => ({ caller: ctx.caller, token: null }),
  },
  Mutation: {
    createUser: (_, args, ctx) => createUser(ctx, args),
    createToken: (_, args, ctx) => createToken(ctx, args),
    confirmEmail: (_, args, ctx) => confirmEmail(ctx, args),
    resendConfirmation: (_, args, ctx) => resendConfirmation(ctx, args),
    forgotPassword: (_, args, ctx) => forgotPassword(ctx, args),
    resetPassword: (_, args, ctx) => resetPassword(ctx, args),
    updateSelf: async (_, args, ctx, info) => {
      await updateSelf(ctx, args);
      return readOne(ctx, info, "User", { id: ctx.caller.id });
    },
  },
  AuthUser: authUserFields,
};
