import type { Resolvers } from "../../generated/resolvers.ts";
import { readThen, thenRead } from "../../query/thenRead.ts";
import { createSystemRoleBinding } from "./createSystemRoleBinding.ts";
import { deleteSystemRoleBinding } from "./deleteSystemRoleBinding.ts";

/** System roles of users. */
export const resolvers: Resolvers = {
  Mutation: {
    createSystemRoleBinding: thenRead("RoleBinding", createSystemRoleBinding),
    deleteSystemRoleBinding: readThen(
      "RoleBinding",
      ({ userId, role }) => ({ userId, role, workspaceId: null, deploymentId: null }),
      deleteSystemRoleBinding,
    ),
  },
};
