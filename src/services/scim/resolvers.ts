import type { Resolvers } from "../../generated/resolvers.ts";
import { readThen } from "../../query/thenRead.ts";
import { createScimToken, deleteScimToken, scimTokens } from "./scimTokens.ts";

export const resolvers: Resolvers = {
  Query: { scimTokens },
  Mutation: {
    createScimToken,
    deleteScimToken: readThen("ScimToken", ({ id }: { id: string }) => ({ id }), deleteScimToken),
  },
};
