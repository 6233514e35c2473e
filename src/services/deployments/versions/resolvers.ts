import type { Resolvers } from "../../../generated/resolvers.ts";
import { thenRead } from "../../../query/thenRead.ts";
import { cancelRuntimeUpdate } from "./cancelRuntimeUpdate.ts";

export const resolvers: Resolvers = {
  Mutation: { cancelRuntimeUpdate: thenRead("Deployment", cancelRuntimeUpdate) },
};
