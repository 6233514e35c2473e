import type { Role } from "../../../generated/prisma/enums.ts";

/** The Deployment role that allows in Airflow what a role of Airflow does. Those of an installation's own allow to look. */
const deploymentRoles: Record<string, Role | undefined> = {
  Admin: "DEPLOYMENT_ADMIN",
  Op: "DEPLOYMENT_EDITOR",
  User: "DEPLOYMENT_EDITOR",
};

/** Roles of Airflow without permissions. */
const EMPTY = new Set(["Public"]);

/** From the most to the least. */
const order: readonly Role[] = ["DEPLOYMENT_ADMIN", "DEPLOYMENT_EDITOR", "DEPLOYMENT_VIEWER"];

/**
 * The roles in Houston for somebody with these roles in Airflow; null for nobody's. The Workspace has other Deployments,
 * about which a role in one Airflow says nothing: it never suggests more than to see them.
 */
export function suggestedRoles(fabRoles: readonly string[]): {
  suggestedWorkspaceRole: Role | null;
  suggestedDeploymentRole: Role | null;
} {
  const roles = fabRoles
    .filter((name) => !EMPTY.has(name))
    .map((name) => (Object.hasOwn(deploymentRoles, name) ? deploymentRoles[name] : "DEPLOYMENT_VIEWER"));
  const suggestedDeploymentRole = order.find((role) => roles.includes(role)) ?? null;
  return { suggestedWorkspaceRole: suggestedDeploymentRole && "WORKSPACE_VIEWER", suggestedDeploymentRole };
}
