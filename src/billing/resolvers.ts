import { answering } from "../read/answering.ts";
import type { Resolvers } from "../schema.ts";
import { addCustomerId } from "./addCustomerId.ts";
import { card } from "./card.ts";
import { extendWorkspaceTrial } from "./extendWorkspaceTrial.ts";
import { suspendWorkspace } from "./suspendWorkspace.ts";

export const resolvers: Resolvers = {
  Query: { card },
  Mutation: {
    addCard: card,
    updateCard: card,
    addCustomerId: answering("Workspace", addCustomerId),
    suspendWorkspace: answering("Workspace", suspendWorkspace),
    extendWorkspaceTrial: answering("Workspace", extendWorkspaceTrial),
  },
};
