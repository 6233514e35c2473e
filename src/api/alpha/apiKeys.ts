import { organizationOf } from "../../access/organizationHeader.ts";
import type { Resolvers } from "../../generated/alphaResolvers.ts";
import { apiKeys } from "../../services/apiKeys/apiKeys.ts";
import { createApiKey } from "../../services/apiKeys/createApiKey.ts";
import { revokePreviousApiKey, rotateApiKey } from "../../services/apiKeys/rotateApiKey.ts";
import { updateApiKey } from "../../services/apiKeys/updateApiKey.ts";

/** API keys of the Organization in the header, which the guard requires. */
export const resolvers: Resolvers = {
  Query: {
    apiKeys: (_, args, ctx, info) => apiKeys(ctx, { ...args, organizationId: organizationOf(ctx) }, info),
  },
  Mutation: {
    async createApiKey(_, args, ctx) {
      const { id, apiKey } = await createApiKey(ctx, { ...args, organizationId: organizationOf(ctx) });
      return { message: "API key created; this is the only time it is shown", id, token: apiKey };
    },
    async updateApiKey(_, args, ctx) {
      const { id, deleted } = await updateApiKey(ctx, { ...args, organizationId: organizationOf(ctx) });
      return { message: deleted ? "API key revoked and deleted" : "API key renamed", id };
    },
    async rotateApiKey(_, args, ctx) {
      const { id, apiKey } = await rotateApiKey(ctx, { ...args, organizationId: organizationOf(ctx) });
      return { message: "API key rotated; this is the only time the new key is shown", id, token: apiKey };
    },
    async revokePreviousApiKey(_, args, ctx) {
      const { id } = await revokePreviousApiKey(ctx, { ...args, organizationId: organizationOf(ctx) });
      return { message: "Previous key revoked", id };
    },
  },
};
