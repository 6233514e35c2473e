import type { Resolvers } from "../../../generated/resolvers.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { readThen, thenRead } from "../../../query/thenRead.ts";
import { hasAddress } from "../../users/userSearch.ts";
import { deploymentAddUserRole } from "./deploymentAddUserRole.ts";
import { deploymentRemoveUserRole } from "./deploymentRemoveUserRole.ts";
import { deploymentUpdateUserRole } from "./deploymentUpdateUserRole.ts";
import { deploymentUserBulkImport } from "./deploymentUserBulkImport.ts";
import { Named } from "./deploymentUserRole.ts";
import { deploymentUsers } from "./deploymentUsers.ts";

function memberRole(args: unknown) {
  const { deploymentId, email } = parse(Named, args);
  return { deploymentId, also: [hasAddress<"RoleBinding">(email, "userId")] };
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
