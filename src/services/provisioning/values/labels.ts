import type { Config } from "../../../platform/config/config.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";

/** Who manages the objects that Houston applies. */
export const MANAGED_BY = { "app.kubernetes.io/managed-by": "houston" };

/** The label with the ID of the Deployment that an object belongs to. */
export const DEPLOYMENT_LABEL = "houston/deployment";

/** The label with the release name of that Deployment, which is the name of its HelmRelease. */
export const RELEASE_LABEL = "deployment";

/** Labels that say which Deployment an object belongs to: on what Houston applies, and on all that the chart makes of it. */
export const deploymentLabels = (
  { id, workspaceId, releaseName }: Pick<WantedDeployment, "id" | "workspaceId" | "releaseName">,
  { helm }: Pick<Config, "helm">,
): Record<string, string> => ({
  ...(helm.releaseName !== null && { "platform-release": helm.releaseName }),
  workspace: workspaceId,
  [RELEASE_LABEL]: releaseName,
  [DEPLOYMENT_LABEL]: id,
});
