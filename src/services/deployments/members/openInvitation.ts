import { z } from "zod";
import { assertGrantable } from "../../../access/assertGrantable.ts";
import type { Context } from "../../../access/context.ts";
import { allowsLess } from "../../../access/heldRole.ts";
import { type Prisma, Role } from "../../../generated/prisma/client.ts";
import type { DeploymentScope } from "./deploymentUserRole.ts";

const StoredRoles = z.array(z.object({ deploymentId: z.string(), role: z.enum(Role) }));

/**
 * The roles of a new invitation to the Workspace, merged with an open one of the address: keeps its roles in other
 * Deployments, and its Workspace role if that has more permissions. Throws FORBIDDEN if the caller could not grant a kept
 * role, because storing the invitation grants it again.
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
  const before = open ? StoredRoles.parse(open.deploymentRoles) : [];
  const kept = before.filter((role) => !given.deploymentRole || role.deploymentId !== deploymentId);
  for (const { role, deploymentId } of kept) assertGrantable(ctx, role, "DEPLOYMENT", { workspaceId, deploymentId });
  const added = given.deploymentRole ? [{ deploymentId, role: given.deploymentRole }] : [];
  return { role, deploymentRoles: [...kept, ...added] };
}
