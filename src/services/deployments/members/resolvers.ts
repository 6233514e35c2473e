import { parse } from "../../../platform/errors/errors.ts";
import type { Resolvers } from "../../../query/resolvers.ts";
import { readThen, thenRead } from "../../../query/thenRead.ts";
import { hasAddress } from "../../users/userSearch.ts";
import { deploymentAddUserRole } from "./deploymentAddUserRole.ts";
import { deploymentRemoveUserRole } from "./deploymentRemoveUserRole.ts";
import { deploymentUpdateUserRole } from "./deploymentUpdateUserRole.ts";
import { deploymentUserBulkImport } from "./deploymentUserBulkImport.ts";
import { Named } from "./deploymentUserRole.ts";
import { deploymentUsers } from "./deploymentUsers.ts";

function memberRole(args: object) {
  const { deploymentId, email } = parse(Named, args);
  return { deploymentId, user: hasAddress(email, "userId") };
}

/** Users of a Deployment. */
export const resolvers: Resolvers = {
  Query: { deploymentUsers },
  Mutation: {
    deploymentAddUserRole: thenRead("RoleBinding", deploymentAddUserRole),
    deploymentUpdateUserRole: thenRead("RoleBinding", deploymentUpdateUserRole),
    deploymentRemoveUserRole: readThen("RoleBinding", memberRole, deploymentRemoveUserRole),
    deploymentUserBulkImport: (_, args, ctx) => deploymentUserBulkImport(ctx, args),
  },
};
