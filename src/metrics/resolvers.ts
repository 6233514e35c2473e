import type { Resolvers } from "../schema.ts";
import { followed } from "../subscriptions/followed.ts";
import { metrics } from "./metrics.ts";

export const resolvers: Resolvers = { Subscription: { metrics: followed(metrics) } };
