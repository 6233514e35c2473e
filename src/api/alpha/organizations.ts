import type { Resolvers } from "../../generated/alphaResolvers.ts";
import { changeOrganization } from "../../services/organizations/changeOrganization.ts";
import { createOwnOrganization } from "../../services/organizations/createOwnOrganization.ts";
import { organizations } from "../../services/organizations/organizations.ts";

/** Organizations and their people. */
export const resolvers: Resolvers = {
  Query: { organizations },
  Mutation: {
    createOrganization: async (_, args, ctx) => ({
      message: "Organization created; send its ID in the header `organization` to change it",
      ...(await createOwnOrganization(ctx, args)),
    }),
    updateOrganization: (_, args, ctx) => changeOrganization(ctx, args),
  },
};
