import { parse } from "../errors.ts";
import { readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { hasAddress } from "../users/userSearch.ts";
import { deploymentAddUserRole } from "./deploymentAddUserRole.ts";
import { deploymentRemoveUserRole } from "./deploymentRemoveUserRole.ts";
import { deploymentUpdateUserRole } from "./deploymentUpdateUserRole.ts";
import { Named } from "./deploymentUserRole.ts";
import { deploymentUsers } from "./deploymentUsers.ts";

/** The people of a Deployment. */
export const resolvers: Resolvers = {
  Query: { deploymentUsers },
  Mutation: {
    deploymentAddUserRole: async (_, args, ctx, info) => {
      const { id } = await deploymentAddUserRole(ctx, args);
      return readOne(ctx, info, "RoleBinding", { id });
    },
    deploymentUpdateUserRole: async (_, args, ctx, info) => {
      const { id } = await deploymentUpdateUserRole(ctx, args);
      return readOne(ctx, info, "RoleBinding", { id });
    },
    deploymentRemoveUserRole: async (_, args: object, ctx, info) => {
      const { deploymentId, email } = parse(Named, args);
      const user = hasAddress(email, "userId");
      const answer = await readOne(ctx, info, "RoleBinding", { deploymentId, user });
      await deploymentRemoveUserRole(ctx, args);
      return answer;
    },
  },
};
