import { readOne } from "../read/read.ts";
import type { Resolvers } from "../schema.ts";
import { adoptDeployment } from "./adoptDeployment.ts";
import { adoptedAirflowUsers } from "./adoptedAirflowUsers.ts";
import { adoptionCandidates } from "./adoptionCandidates.ts";
import { unadoptDeployment } from "./unadoptDeployment.ts";

/** Airflows that ran before the platform knew them. */
export const resolvers: Resolvers = {
  Query: {
    adoptionCandidates: (_, args, ctx) => adoptionCandidates(ctx, args),
    adoptedAirflowUsers: (_, args, ctx) => adoptedAirflowUsers(ctx, args),
  },
  Mutation: {
    adoptDeployment: (_, args, ctx) => adoptDeployment(ctx, args),
    unadoptDeployment: async (_, args: { deploymentUuid: string }, ctx, info) => {
      const answer = await readOne(ctx, info, "Deployment", { id: args.deploymentUuid });
      await unadoptDeployment(ctx, args);
      return answer;
    },
  },
};
