import { readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { createSystemRoleBinding } from "./createSystemRoleBinding.ts";
import { deleteSystemRoleBinding } from "./deleteSystemRoleBinding.ts";

/** System roles of people. */
export const resolvers: Resolvers = {
  Mutation: {
    createSystemRoleBinding: async (_, args, ctx, info) => {
      const { id } = await createSystemRoleBinding(ctx, args);
      return readOne(ctx, info, "RoleBinding", { id });
    },
    deleteSystemRoleBinding: async (_, args: { userId: string; role: string }, ctx, info) => {
      const { userId, role } = args;
      const answer = await readOne(ctx, info, "RoleBinding", { userId, role, workspaceId: null, deploymentId: null });
      await deleteSystemRoleBinding(ctx, args);
      return answer;
    },
  },
};
