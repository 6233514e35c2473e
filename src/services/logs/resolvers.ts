import type { Resolvers } from "../../generated/resolvers.ts";
import { subscriptionField } from "../../query/subscriptionField.ts";
import { followLogs } from "./followLogs.ts";
import { logFilterOf } from "./logInput.ts";
import type { LogLine } from "./logLine.ts";
import { logStoreOf } from "./logStore.ts";
import { logs } from "./logs.ts";

export const resolvers: Resolvers = {
  Query: { logs: (_, args, ctx) => logs(ctx, args) },
  Subscription: {
    log: subscriptionField(async (ctx, args) => {
      const store = logStoreOf(ctx.config, ctx.log);
      const filter = await logFilterOf(ctx, args);
      return (signal) =>
        asPrinted(followLogs(store, filter, { interval: ctx.config.elasticsearch.pollInterval, signal }));
    }),
  },
};

/** Clients print each message of `log` as it is; to those of `logs`, they add the newline. */
async function* asPrinted(lines: AsyncIterable<LogLine>): AsyncGenerator<LogLine> {
  for await (const line of lines) yield { ...line, message: `${line.message}\n` };
}
