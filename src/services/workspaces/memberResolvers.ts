import type { Resolvers } from "../../generated/resolvers.ts";
import { thenReadNamed } from "../../query/thenRead.ts";
import { paginatedWorkspaceUsers } from "./paginatedWorkspaceUsers.ts";
import { workspaceAddUser } from "./workspaceAddUser.ts";
import { workspaceRemoveUser } from "./workspaceRemoveUser.ts";
import { workspaceUpdateUserRole, workspaceUpsertUserRole } from "./workspaceUpdateUserRole.ts";
import { workspaceUser } from "./workspaceUser.ts";
import { workspaceUsers } from "./workspaceUsers.ts";

/** Optional in the schema, required by the use cases, which come first. */
const byWorkspaceUuid = (args: { workspaceUuid?: string | null | undefined }) => ({ id: args.workspaceUuid ?? "" });

/** Users of a Workspace. */
export const resolvers: Resolvers = {
  Query: { workspaceUsers, workspaceUser, paginatedWorkspaceUsers },
  Mutation: {
    workspaceAddUser: thenReadNamed("Workspace", byWorkspaceUuid, workspaceAddUser),
    workspaceRemoveUser: thenReadNamed("Workspace", byWorkspaceUuid, workspaceRemoveUser),
    workspaceUpdateUserRole: (_, args, ctx) => workspaceUpdateUserRole(ctx, args),
    workspaceUpsertUserRole: (_, args, ctx) => workspaceUpsertUserRole(ctx, args),
  },
};
