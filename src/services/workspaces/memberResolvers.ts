import type { Resolvers } from "../../query/resolvers.ts";
import { thenReadNamed } from "../../query/thenRead.ts";
import { paginatedWorkspaceUsers } from "./paginatedWorkspaceUsers.ts";
import { workspaceAddUser } from "./workspaceAddUser.ts";
import { workspaceRemoveUser } from "./workspaceRemoveUser.ts";
import { workspaceUpdateUserRole, workspaceUpsertUserRole } from "./workspaceUpdateUserRole.ts";
import { workspaceUser } from "./workspaceUser.ts";
import { workspaceUsers } from "./workspaceUsers.ts";

const byWorkspaceUuid = (args: { workspaceUuid: string }) => ({ id: args.workspaceUuid });

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
