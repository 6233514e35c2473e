import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../context.ts";
import { readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { createTeam } from "./createTeam.ts";
import { groupAddUser } from "./groupAddUser.ts";
import { groups } from "./groups.ts";
import { paginatedTeams, paginatedTeamsFields } from "./paginatedTeams.ts";
import { removeTeam, teamToRemove } from "./removeTeam.ts";
import type { TeamAnswer } from "./teamAnswer.ts";
import { deploymentTeams, team, workspaceTeams } from "./teams.ts";
import { teamUsers } from "./teamUsers.ts";
import { updateTeam } from "./updateTeam.ts";

/** Teams themselves, and what the first clients called groups. */
export const resolvers: Resolvers = {
  Query: { team, teamUsers, paginatedTeams, workspaceTeams, deploymentTeams, groups },
  Mutation: {
    createTeam: (_, args, ctx) => createTeam(ctx, args),
    updateTeam: (_, args, ctx) => updateTeam(ctx, args),
    removeTeam: async (_, args: object, ctx, info) => {
      const answer = await readOne(ctx, info, "Team", teamToRemove(args));
      await removeTeam(ctx, args);
      return answer;
    },
    groupAddUser: async (_, args, ctx, info) => {
      const { id } = await groupAddUser(ctx, args);
      return readOne(ctx, info, "Group", { id });
    },
  },
  PaginatedTeams: paginatedTeamsFields,
  TeamPayload: {
    team: ({ id }: TeamAnswer, _args, ctx: Context, info: GraphQLResolveInfo) => readOne(ctx, info, "Team", { id }),
  },
};
