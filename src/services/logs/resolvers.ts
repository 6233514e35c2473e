import type { Resolvers } from "../../generated/resolvers.ts";
import { subscriptionField } from "../../query/subscriptionField.ts";
import { followLogs } from "./followLogs.ts";
import { logFilterOf } from "./logInput.ts";
import { logStoreOf } from "./logStore.ts";
import { logs } from "./logs.ts";

export const resolvers: Resolvers = {
  Query: { logs: (_, args, ctx) => logs(ctx, args) },
  Subscription: {
    log: subscriptionField(async (ctx, args) => {
      const store = logStoreOf(ctx.config, ctx.log);
      const filter = await logFilterOf(ctx, args);
      return (signal) => followLogs(store, filter, { interval: ctx.config.elasticsearch.pollInterval, signal });
    }),
  },
};
