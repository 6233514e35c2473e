import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../context.ts";
import { readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { addCustomerId } from "./addCustomerId.ts";
import { card } from "./card.ts";
import { extendWorkspaceTrial } from "./extendWorkspaceTrial.ts";
import { suspendWorkspace } from "./suspendWorkspace.ts";

type UseCase = (ctx: Context, input: unknown) => Promise<{ id: string }>;

/** Runs a use case, then reads the Workspace it was about. */
const answering = (useCase: UseCase) => async (_: unknown, args: unknown, ctx: Context, info: GraphQLResolveInfo) => {
  const { id } = await useCase(ctx, args);
  return readOne(ctx, info, "Workspace", { id });
};

export const resolvers: Resolvers = {
  Query: { card },
  Mutation: {
    addCard: card,
    updateCard: card,
    addCustomerId: answering(addCustomerId),
    suspendWorkspace: answering(suspendWorkspace),
    extendWorkspaceTrial: answering(extendWorkspaceTrial),
  },
};
