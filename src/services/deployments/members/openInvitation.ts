import { z } from "zod";
import { assertGrantable } from "../../../access/assertGrantable.ts";
import type { Context } from "../../../access/context.ts";
import { allowsLess } from "../../../access/heldRole.ts";
import { type Prisma, Role } from "../../../generated/prisma/client.ts";
import type { DeploymentScope } from "./deploymentUserRole.ts";

const Promised = z.array(z.object({ deploymentId: z.string(), role: z.enum(Role) }));

/**
 * The roles of an invitation to the Workspace that adds to an open one of the address: what that promised in other
 * Deployments stays, and so does a Workspace role that allows more. Throws FORBIDDEN if a role that stays is out of the
 * caller's reach, because storing the invitation gives it anew.
 */
export async function openInvitation(
  ctx: Context,
  tx: Prisma.TransactionClient,
  email: string,
  { workspaceId, deploymentId }: DeploymentScope,
  given: { role: Role; deploymentRole: Role | undefined },
): Promise<{ role: Role; deploymentRoles: { deploymentId: string; role: Role }[] }> {
  const open = await tx.invite.findFirst({ where: { email, workspaceId, expiresAt: { gt: ctx.now() } } });
  const role = open?.role && allowsLess(ctx.roles, given.role, open.role) ? open.role : given.role;
  const before = open ? Promised.parse(open.deploymentRoles) : [];
  const stay = before.filter((one) => !given.deploymentRole || one.deploymentId !== deploymentId);
  for (const one of stay) assertGrantable(ctx, one.role, "DEPLOYMENT", { workspaceId, deploymentId: one.deploymentId });
  const added = given.deploymentRole ? [{ deploymentId, role: given.deploymentRole }] : [];
  return { role, deploymentRoles: [...stay, ...added] };
}
