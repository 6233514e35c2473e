import { clusterRoutes } from "./clusters/routes.ts";
import { deploymentOptionsRoutes } from "./deployments/optionsRoute.ts";
import { deploymentRoutes } from "./deployments/routes.ts";
import { deploymentWriteRoutes } from "./deployments/writeRoutes.ts";
import { organizationRoutes } from "./organizations/routes.ts";
import type { Route } from "./routing/route.ts";
import { workspaceRoutes } from "./workspaces/routes.ts";

/** The operations of the Platform API. */
export const routes: readonly Route[] = [
  ...organizationRoutes,
  ...clusterRoutes,
  ...workspaceRoutes,
  ...deploymentRoutes,
  ...deploymentWriteRoutes,
  ...deploymentOptionsRoutes,
];
