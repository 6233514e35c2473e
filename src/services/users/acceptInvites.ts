import { z } from "zod";
import { mayGrant, type Scope } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { loadHolder } from "../../access/loadHolder.ts";
import { type Prisma, Role } from "../../generated/prisma/client.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";

/** An accepted invitation, deleted from the table. */
export interface AcceptedInvite {
  tokenHash: string;
  workspaceId: string | null;
  role: Role | null;
  deploymentRoles: Prisma.JsonValue;
  /** "user:<id>" or "serviceAccount:<id>". */
  invitedBy: string | null;
}

const DeploymentRoles = z.array(z.object({ deploymentId: z.string(), role: z.enum(Role) }));

/** True if `token` belongs to the invitation. */
export const isFor = (token: string) => (invite: AcceptedInvite) => invite.tokenHash === hashOf(token);

/**
 * Deletes and returns the open invitations of an address; concurrent calls return each only once. Must only be called
 * once the address is verified. Locks the Workspaces first, like deleteWorkspace.
 */
export async function acceptInvites(tx: Prisma.TransactionClient, email: string, now: Date): Promise<AcceptedInvite[]> {
  await tx.$queryRaw`SELECT id FROM "Workspace"
    WHERE id IN (SELECT "workspaceId" FROM "Invite" WHERE email = ${email}) ORDER BY id FOR KEY SHARE`;
  return tx.$queryRaw`DELETE FROM "Invite" WHERE email = ${email} AND "expiresAt" > ${now.toISOString()}::timestamp
    RETURNING "tokenHash", "workspaceId", role::text AS role, "deploymentRoles", "invitedBy"`;
}

/**
 * Grants a user the roles of accepted invitations, in Workspaces and in Deployments that still exist, as far as the
 * inviter could still grant them: whoever was removed or given a lower role meanwhile grants nothing more. Roles that
 * the user already has in a scope are unchanged.
 */
export async function bindInvites(
  { roles }: Pick<Context, "roles">,
  tx: Prisma.TransactionClient,
  { userId, address: namedAddress }: { userId: string; address: string },
  invites: readonly AcceptedInvite[],
): Promise<void> {
  const bindings: Prisma.RoleBindingCreateManyInput[] = [];
  for (const { workspaceId, role, deploymentRoles, invitedBy } of invites) {
    if (workspaceId === null) continue;
    const inviter = invitedBy === null ? undefined : await loadHolder(tx, invitedBy);
    if (!inviter) continue;
    const grant = (role: Role, at: Scope, scope: Scope) => {
      if (mayGrant(roles, inviter, role, scope)) bindings.push({ userId, namedAddress, role, ...at });
    };
    if (role !== null) grant(role, { workspaceId }, { workspaceId });
    const invited = DeploymentRoles.parse(deploymentRoles);
    if (invited.length === 0) continue;
    const existing = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM "Deployment"
      WHERE id = ANY(${invited.map(({ deploymentId }) => deploymentId)})
        AND "workspaceId" = ${workspaceId} AND "deletedAt" IS NULL ORDER BY id FOR KEY SHARE`;
    const existingIds = new Set(existing.map(({ id }) => id));
    for (const { deploymentId, role } of invited) {
      if (existingIds.has(deploymentId)) grant(role, { deploymentId }, { workspaceId, deploymentId });
    }
  }
  if (bindings.length > 0) await tx.roleBinding.createMany({ data: bindings, skipDuplicates: true });
}
