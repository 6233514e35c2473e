import type { Resolvers } from "../../generated/resolvers.ts";
import { defineWrite } from "../../query/defineWrite.ts";
import { createWorkspace } from "./createWorkspace.ts";
import { deleteWorkspace } from "./deleteWorkspace.ts";
import { deleteWorkspaceDeploymentsConfig } from "./deleteWorkspaceDeploymentsConfig.ts";
import { paginatedWorkspaces } from "./paginatedWorkspaces.ts";
import { updateWorkspace } from "./updateWorkspace.ts";
import { updateWorkspaceDeploymentsConfig } from "./updateWorkspaceDeploymentsConfig.ts";
import { workspaceDeploymentsConfig } from "./workspaceDeploymentsConfig.ts";
import { sysWorkspaces, workspace, workspaces } from "./workspaces.ts";

/** Workspaces, and their overrides of the platform's settings. */
export const resolvers: Resolvers = {
  Query: {
    workspace,
    workspaces,
    sysWorkspaces,
    paginatedWorkspaces,
    workspaceDeploymentsConfig: (_, args, ctx) => workspaceDeploymentsConfig(ctx, args),
  },
  Mutation: {
    createWorkspace: defineWrite(createWorkspace, (args) => args),
    updateWorkspace: defineWrite(updateWorkspace, (args) => args),
    deleteWorkspace: defineWrite(deleteWorkspace, (args) => args),
    updateWorkspaceDeploymentsConfig: (_, args, ctx) => updateWorkspaceDeploymentsConfig(ctx, args),
    deleteWorkspaceDeploymentsConfig: (_, args, ctx) => deleteWorkspaceDeploymentsConfig(ctx, args),
  },
};
