import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { type Prisma, Role } from "../../generated/prisma/client.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { IdOf } from "../../platform/input/input.ts";

const DeploymentRole = z.object(
  { deploymentId: IdOf, role: z.enum(Role, "needs a DEPLOYMENT role") },
  "needs deploymentId and role",
);

/** Roles in Deployments of a Workspace, as an argument. null is none. */
export const DeploymentRoles = z
  .array(DeploymentRole)
  .nullish()
  .transform((roles) => roles ?? []);

type DeploymentRoles = z.output<typeof DeploymentRoles>;

/**
 * Throws, naming the entry at fault, unless each is about another Deployment of the Workspace, with a DEPLOYMENT role
 * (BAD_USER_INPUT) that the caller may give there (FORBIDDEN).
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
  const there = new Set(found.map(({ id }) => id));
  roles.forEach(({ deploymentId, role }, n) => {
    const at = `deploymentRoles.${n}`;
    if (!there.has(deploymentId)) throw badInput(`${at}.deploymentId`, "is no Deployment of this Workspace");
    if (ids.indexOf(deploymentId) < n) throw badInput(`${at}.deploymentId`, "is given twice; one role per Deployment");
    assertGrantable(ctx, role, "DEPLOYMENT", { workspaceId, deploymentId }, `${at}.role`);
  });
}
