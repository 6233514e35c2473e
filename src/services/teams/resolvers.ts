import type { Resolvers } from "../../generated/resolvers.ts";
import { readOne } from "../../query/read.ts";
import { readThen, thenRead } from "../../query/thenRead.ts";
import { createTeam } from "./createTeam.ts";
import { groupAddUser } from "./groupAddUser.ts";
import { groups } from "./groups.ts";
import { paginatedTeams, paginatedTeamsFields } from "./paginatedTeams.ts";
import { removeTeam, teamToRemove } from "./removeTeam.ts";
import { deploymentTeams, team, workspaceTeams } from "./teams.ts";
import { teamUsers } from "./teamUsers.ts";
import { updateTeam } from "./updateTeam.ts";

/** Teams, and their legacy name, groups. */
export const resolvers: Resolvers = {
  Query: { team, teamUsers, paginatedTeams, workspaceTeams, deploymentTeams, groups },
  Mutation: {
    createTeam: (_, args, ctx) => createTeam(ctx, args),
    updateTeam: (_, args, ctx) => updateTeam(ctx, args),
    removeTeam: readThen("Team", teamToRemove, removeTeam),
    groupAddUser: thenRead("Group", groupAddUser),
  },
  PaginatedTeams: paginatedTeamsFields,
  TeamPayload: {
    team: ({ id }, _args, ctx, info) => readOne(ctx, info, "Team", { id }),
  },
};
