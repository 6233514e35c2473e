import type { Resolvers } from "../../generated/resolvers.ts";
import { thenRead } from "../../query/thenRead.ts";
import { addCustomerId } from "./addCustomerId.ts";
import { card } from "./card.ts";
import { extendWorkspaceTrial } from "./extendWorkspaceTrial.ts";
import { suspendWorkspace } from "./suspendWorkspace.ts";

export const resolvers: Resolvers = {
  Query: { card },
  Mutation: {
    addCard: card,
    updateCard: card,
    addCustomerId: thenRead("Workspace", addCustomerId),
    suspendWorkspace: thenRead("Workspace", suspendWorkspace),
    extendWorkspaceTrial: thenRead("Workspace", extendWorkspaceTrial),
  },
};
