import type { Resolvers } from "../../generated/resolvers.ts";
import { appConfig } from "./appConfig.ts";
import { authConfig } from "./authConfig.ts";

/** Public information that clients request before signing in. */
export const resolvers: Resolvers = {
  Query: {
    appConfig: (_, _args, ctx) => appConfig(ctx.config),
    authConfig: (_, args, ctx) => authConfig(ctx, args),
  },
};
