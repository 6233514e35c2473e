import type { Resolvers } from "../../generated/resolvers.ts";
import { readThen } from "../../query/thenRead.ts";
import { adoptDeployment } from "./adoptDeployment.ts";
import { adoptedAirflowUsers } from "./adoptedAirflowUsers.ts";
import { adoptionCandidates } from "./adoptionCandidates.ts";
import { unadoptDeployment } from "./unadoptDeployment.ts";

/** Adoption of existing Airflows. */
export const resolvers: Resolvers = {
  Query: {
    adoptionCandidates: (_, args, ctx) => adoptionCandidates(ctx, args),
    adoptedAirflowUsers: (_, args, ctx) => adoptedAirflowUsers(ctx, args),
  },
  Mutation: {
    adoptDeployment: (_, args, ctx) => adoptDeployment(ctx, args),
    unadoptDeployment: readThen("Deployment", ({ deploymentUuid: id }) => ({ id }), unadoptDeployment),
  },
};
