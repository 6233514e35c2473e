import { readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { createWorkspace } from "./createWorkspace.ts";
import { deleteWorkspace } from "./deleteWorkspace.ts";
import { paginatedWorkspaces } from "./paginatedWorkspaces.ts";
import { updateWorkspace } from "./updateWorkspace.ts";
import { sysWorkspaces, workspace, workspaces } from "./workspaces.ts";

export const resolvers: Resolvers = {
  Query: { workspace, workspaces, sysWorkspaces, paginatedWorkspaces },
  Mutation: {
    createWorkspace: async (_, args, ctx, info) => {
      const { id } = await createWorkspace(ctx, args);
      return readOne(ctx, info, "Workspace", { id });
    },
    updateWorkspace: async (_, args, ctx, info) => {
      const { id } = await updateWorkspace(ctx, args);
      return readOne(ctx, info, "Workspace", { id });
    },
    deleteWorkspace: async (_, args: { workspaceUuid: string }, ctx, info) => {
      const answer = await readOne(ctx, info, "Workspace", { id: args.workspaceUuid });
      await deleteWorkspace(ctx, args);
      return answer;
    },
  },
};
