import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../context.ts";
import { readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { paginatedWorkspaceUsers } from "./paginatedWorkspaceUsers.ts";
import { workspaceAddUser } from "./workspaceAddUser.ts";
import { workspaceRemoveUser } from "./workspaceRemoveUser.ts";
import { workspaceUpdateUserRole, workspaceUpsertUserRole } from "./workspaceUpdateUserRole.ts";
import { workspaceUser } from "./workspaceUser.ts";
import { workspaceUsers } from "./workspaceUsers.ts";

interface InWorkspace {
  workspaceUuid: string;
}

const changed = (ctx: Context, { workspaceUuid }: InWorkspace, info: GraphQLResolveInfo) =>
  readOne(ctx, info, "Workspace", { id: workspaceUuid });

/** The people of a Workspace. */
export const resolvers: Resolvers = {
  Query: { workspaceUsers, workspaceUser, paginatedWorkspaceUsers },
  Mutation: {
    workspaceAddUser: async (_, args: InWorkspace, ctx, info) => {
      await workspaceAddUser(ctx, args);
      return changed(ctx, args, info);
    },
    workspaceRemoveUser: async (_, args: InWorkspace, ctx, info) => {
      await workspaceRemoveUser(ctx, args);
      return changed(ctx, args, info);
    },
    workspaceUpdateUserRole: (_, args, ctx) => workspaceUpdateUserRole(ctx, args),
    workspaceUpsertUserRole: (_, args, ctx) => workspaceUpsertUserRole(ctx, args),
  },
};
