import type { Config } from "../../platform/config/config.ts";
import { clusterView, nodePoolView } from "./clusters/view.ts";
import { deploymentViews } from "./deployments/view.ts";
import { organizationView } from "./organizations/view.ts";
import type { Views } from "./routing/views.ts";
import { workspaceView } from "./workspaces/view.ts";

/** How the Platform API shows rows; some fields depend on the configuration. */
export const viewsFor = (config: Config): Views => ({
  Organization: organizationView,
  Workspace: workspaceView,
  Cluster: clusterView(config),
  NodePool: nodePoolView,
  ...deploymentViews(config),
});
