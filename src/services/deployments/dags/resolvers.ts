import type { Resolvers } from "../../../generated/resolvers.ts";
import { validateGitSyncCredentials } from "./validateGitSyncCredentials.ts";

export const resolvers: Resolvers = {
  Mutation: { validateGitSyncCredentials: (_, args, ctx) => validateGitSyncCredentials(ctx, args) },
};
