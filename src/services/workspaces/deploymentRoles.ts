import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { type Prisma, Role } from "../../generated/prisma/client.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { IdOf } from "../../platform/input/input.ts";

const DeploymentRole = z.object(
  { deploymentId: IdOf, role: z.enum(Role, "must be a Deployment role") },
  "must be an object with deploymentId and role",
);

/** The argument `deploymentRoles`: roles in Deployments of a Workspace. null counts as an empty list. */
export const DeploymentRoles = z
  .array(DeploymentRole)
  .nullish()
  .transform((roles) => roles ?? []);

type DeploymentRoles = z.output<typeof DeploymentRoles>;

/**
 * Throws, naming the invalid entry, unless each one is for a different Deployment of the Workspace, with a Deployment role
 * (BAD_USER_INPUT) that the caller may grant existing (FORBIDDEN).
 */
export async function assertDeploymentRoles(
  ctx: Context,
  tx: Prisma.TransactionClient,
  workspaceId: string,
  roles: DeploymentRoles,
): Promise<void> {
  if (roles.length === 0) return;
  const ids = roles.map(({ deploymentId }) => deploymentId);
  const found = await tx.deployment.findMany({
    where: { id: { in: ids }, workspaceId, deletedAt: null },
    select: { id: true },
  });
  const existing = new Set(found.map(({ id }) => id));
  roles.forEach(({ deploymentId, role }, n) => {
    const at = `deploymentRoles.${n}`;
    if (!existing.has(deploymentId)) throw badInput(`${at}.deploymentId`, "must be a Deployment of this Workspace");
    if (ids.indexOf(deploymentId) < n)
      throw badInput(`${at}.deploymentId`, "is a duplicate; only one role per Deployment is allowed");
    assertGrantable(ctx, role, "DEPLOYMENT", { workspaceId, deploymentId }, `${at}.role`);
  });
}
