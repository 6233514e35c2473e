import type { Resolvers } from "../../generated/resolvers.ts";
import { readThen, thenRead, thenReadNamed } from "../../query/thenRead.ts";
import { createTeamSystemRoleBinding } from "./createTeamSystemRoleBinding.ts";
import { deleteTeamSystemRoleBinding } from "./deleteTeamSystemRoleBinding.ts";
import { deploymentAddTeamRole } from "./deploymentAddTeamRole.ts";
import { deploymentRemoveTeamRole } from "./deploymentRemoveTeamRole.ts";
import { deploymentUpdateTeamRole } from "./deploymentUpdateTeamRole.ts";
import { workspaceAddTeam } from "./workspaceAddTeam.ts";
import { workspaceRemoveTeam } from "./workspaceRemoveTeam.ts";
import { workspaceUpdateTeamRole } from "./workspaceUpdateTeamRole.ts";

const byWorkspaceUuid = (args: { workspaceUuid: string }) => ({ id: args.workspaceUuid });

/** Roles of teams. */
export const resolvers: Resolvers = {
  Mutation: {
    workspaceAddTeam: thenReadNamed("Workspace", byWorkspaceUuid, workspaceAddTeam),
    workspaceRemoveTeam: thenReadNamed("Workspace", byWorkspaceUuid, workspaceRemoveTeam),
    workspaceUpdateTeamRole: (_, args, ctx) => workspaceUpdateTeamRole(ctx, args),
    deploymentAddTeamRole: thenRead("RoleBinding", deploymentAddTeamRole),
    deploymentUpdateTeamRole: thenRead("RoleBinding", deploymentUpdateTeamRole),
    deploymentRemoveTeamRole: readThen(
      "RoleBinding",
      ({ teamUuid: teamId, deploymentUuid: deploymentId }) => ({ teamId, deploymentId }),
      deploymentRemoveTeamRole,
    ),
    createTeamSystemRoleBinding: thenRead("RoleBinding", createTeamSystemRoleBinding),
    deleteTeamSystemRoleBinding: readThen(
      "RoleBinding",
      ({ teamUuid: teamId, role }) => ({ teamId, role, workspaceId: null, deploymentId: null }),
      deleteTeamSystemRoleBinding,
    ),
  },
};
