import type { Resolvers } from "../../generated/resolvers.ts";
import { readThen, thenRead } from "../../query/thenRead.ts";
import { adoptDeployment } from "./adoptDeployment.ts";
import { adoptedAirflowUsers } from "./adoptedAirflowUsers.ts";
import { adoptionCandidates } from "./adoptionCandidates.ts";
import { cleanupAirflowDb } from "./cleanup/cleanupAirflowDb.ts";
import { unadoptDeployment } from "./unadoptDeployment.ts";

/** What requires access to Airflows on a cluster: adopting them, and cleaning up their databases. */
export const resolvers: Resolvers = {
  Query: {
    cleanupAirflowDb: (_, args, ctx) => cleanupAirflowDb(ctx, args),
    adoptionCandidates: (_, args, ctx) => adoptionCandidates(ctx, args),
    adoptedAirflowUsers: (_, args, ctx) => adoptedAirflowUsers(ctx, args),
  },
  Mutation: {
    adoptDeployment: thenRead("Deployment", adoptDeployment),
    unadoptDeployment: readThen("Deployment", ({ deploymentUuid: id }) => ({ id }), unadoptDeployment),
  },
};
