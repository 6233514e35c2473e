import type { Resolvers } from "../../generated/resolvers.ts";
import { subscriptionField } from "../../query/subscriptionField.ts";
import { metrics } from "./metrics.ts";

export const resolvers: Resolvers = { Subscription: { metrics: subscriptionField(metrics) } };
