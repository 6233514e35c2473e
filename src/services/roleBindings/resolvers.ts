import type { Resolvers } from "../../query/resolvers.ts";
import { readThen, thenRead } from "../../query/thenRead.ts";
import { createSystemRoleBinding } from "./createSystemRoleBinding.ts";
import { deleteSystemRoleBinding } from "./deleteSystemRoleBinding.ts";

/** System roles of users. */
export const resolvers: Resolvers = {
  Mutation: {
    createSystemRoleBinding: thenRead("RoleBinding", createSystemRoleBinding),
    deleteSystemRoleBinding: readThen(
      "RoleBinding",
      ({ userId, role }: { userId: string; role: string }) => ({ userId, role, workspaceId: null, deploymentId: null }),
      deleteSystemRoleBinding,
    ),
  },
};
