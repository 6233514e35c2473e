import { z } from "zod";
import { type Prisma, Role } from "../../generated/prisma/client.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";

/** An invitation that was taken out of the table. */
export interface AcceptedInvite {
  tokenHash: string;
  workspaceId: string | null;
  role: Role | null;
  deploymentRoles: Prisma.JsonValue;
}

const DeploymentRoles = z.array(z.object({ deploymentId: z.string(), role: z.enum(Role) }));

/** True if the invitation is the one that `token` was mailed for. */
export const isFor = (token: string) => (invite: AcceptedInvite) => invite.tokenHash === hashOf(token);

/**
 * Takes the open invitations of an address, each exactly once however many ask at the same time. To be called only where
 * the address is proven. The Workspaces are locked first, as deleting one does.
 */
export async function acceptInvites(tx: Prisma.TransactionClient, email: string, now: Date): Promise<AcceptedInvite[]> {
  await tx.$queryRaw`SELECT id FROM "Workspace"
    WHERE id IN (SELECT "workspaceId" FROM "Invite" WHERE email = ${email}) ORDER BY id FOR KEY SHARE`;
  return tx.$queryRaw`DELETE FROM "Invite" WHERE email = ${email} AND "expiresAt" > ${now.toISOString()}::timestamp
    RETURNING "tokenHash", "workspaceId", role::text AS role, "deploymentRoles"`;
}

/**
 * Gives a user the roles that taken invitations promise: in their Workspaces, and in those of the Deployments that are
 * still there. A role the user has in a scope already stays as it is.
 */
export async function bindInvites(
  tx: Prisma.TransactionClient,
  userId: string,
  invites: readonly AcceptedInvite[],
): Promise<void> {
  const bindings: Prisma.RoleBindingCreateManyInput[] = [];
  for (const { workspaceId, role, deploymentRoles } of invites) {
    if (workspaceId === null) continue;
    if (role !== null) bindings.push({ userId, workspaceId, role });
    const promised = DeploymentRoles.parse(deploymentRoles);
    if (promised.length === 0) continue;
    const there = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM "Deployment"
      WHERE id = ANY(${promised.map(({ deploymentId }) => deploymentId)})
        AND "workspaceId" = ${workspaceId} AND "deletedAt" IS NULL ORDER BY id FOR KEY SHARE`;
    const left = new Set(there.map(({ id }) => id));
    for (const one of promised) if (left.has(one.deploymentId)) bindings.push({ userId, ...one });
  }
  if (bindings.length > 0) await tx.roleBinding.createMany({ data: bindings, skipDuplicates: true });
}
