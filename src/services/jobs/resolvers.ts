import type { Resolvers } from "../../generated/resolvers.ts";
import { cleanupClusterAudits } from "../clusters/cleanupClusterAudits.ts";
import { syncDataplaneClusters } from "../clusters/syncDataplaneClusters.ts";
import { cleanupDeployments } from "../deployments/lifecycle/cleanupDeployments.ts";
import { cleanupDeployRevisions } from "../deployments/revisions/cleanupDeployRevisions.ts";
import { runByHand } from "./runByHand.ts";

/** Running scheduled jobs by hand. */
export const resolvers: Resolvers = {
  Mutation: {
    reconcileClusterMetadataJob: runByHand(syncDataplaneClusters),
    cleanupDeployments: runByHand(cleanupDeployments),
    cleanupDeployRevisions: runByHand(cleanupDeployRevisions),
    cleanupClusterAudits: runByHand(cleanupClusterAudits),
  },
};
