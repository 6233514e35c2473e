import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../context.ts";
import { answering } from "../read/answering.ts";
import { readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { createTeamSystemRoleBinding } from "./createTeamSystemRoleBinding.ts";
import { deleteTeamSystemRoleBinding } from "./deleteTeamSystemRoleBinding.ts";
import { deploymentAddTeamRole } from "./deploymentAddTeamRole.ts";
import { deploymentRemoveTeamRole } from "./deploymentRemoveTeamRole.ts";
import { deploymentUpdateTeamRole } from "./deploymentUpdateTeamRole.ts";
import { workspaceAddTeam } from "./workspaceAddTeam.ts";
import { workspaceRemoveTeam } from "./workspaceRemoveTeam.ts";
import { workspaceUpdateTeamRole } from "./workspaceUpdateTeamRole.ts";

interface InWorkspace {
  workspaceUuid: string;
}

interface InDeployment {
  teamUuid: string;
  deploymentUuid: string;
}

interface OnPlatform {
  teamUuid: string;
  role: string;
}

const changed = (ctx: Context, { workspaceUuid }: InWorkspace, info: GraphQLResolveInfo) =>
  readOne(ctx, info, "Workspace", { id: workspaceUuid });

/** The roles of teams. */
export const resolvers: Resolvers = {
  Mutation: {
    workspaceAddTeam: async (_, args: InWorkspace, ctx, info) => {
      await workspaceAddTeam(ctx, args);
      return changed(ctx, args, info);
    },
    workspaceRemoveTeam: async (_, args: InWorkspace, ctx, info) => {
      await workspaceRemoveTeam(ctx, args);
      return changed(ctx, args, info);
    },
    workspaceUpdateTeamRole: (_, args, ctx) => workspaceUpdateTeamRole(ctx, args),
    deploymentAddTeamRole: answering("RoleBinding", deploymentAddTeamRole),
    deploymentUpdateTeamRole: answering("RoleBinding", deploymentUpdateTeamRole),
    deploymentRemoveTeamRole: async (_, args: InDeployment, ctx, info) => {
      const { teamUuid: teamId, deploymentUuid: deploymentId } = args;
      const answer = await readOne(ctx, info, "RoleBinding", { teamId, deploymentId });
      await deploymentRemoveTeamRole(ctx, args);
      return answer;
    },
    createTeamSystemRoleBinding: answering("RoleBinding", createTeamSystemRoleBinding),
    deleteTeamSystemRoleBinding: async (_, args: OnPlatform, ctx, info) => {
      const { teamUuid: teamId, role } = args;
      const answer = await readOne(ctx, info, "RoleBinding", { teamId, role, workspaceId: null, deploymentId: null });
      await deleteTeamSystemRoleBinding(ctx, args);
      return answer;
    },
  },
};
