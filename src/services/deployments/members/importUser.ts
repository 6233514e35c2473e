import { z } from "zod";
import { assertGrantable } from "../../../access/assertGrantable.ts";
import type { Context } from "../../../access/context.ts";
import { allowsLess, changeRole, heldRole } from "../../../access/heldRole.ts";
import { type Prisma, Role } from "../../../generated/prisma/client.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { EmailAddress, optional } from "../../../platform/input/input.ts";
import { reachesRecipients } from "../../../platform/mail/smtpTransport.ts";
import { lockAddress, storeInvite } from "../../invites/storeInvite.ts";
import { createVerifiedUser } from "../../users/createVerifiedUser.ts";
import { idBy, type LockedUser, lockUser, userNotFound } from "../../users/lockUser.ts";
import { FullName } from "../../users/userInput.ts";
import { lockWorkspace } from "../../workspaces/workspaceAddUser.ts";
import { type DeploymentScope, scopeOf } from "./deploymentUserRole.ts";
import { openInvitation } from "./openInvitation.ts";

/** One user of an import. */
export const ImportedUser = z.object({
  email: EmailAddress,
  fullName: optional(FullName),
  workspaceRole: z
    .enum(Role)
    .nullish()
    .transform((role) => role ?? Role.WORKSPACE_VIEWER),
  deploymentRole: optional(z.enum(Role)),
});

type Given = z.output<typeof ImportedUser>;

interface Imported {
  userId: string | null;
  status: string;
  created: boolean;
  /** The newly granted roles. */
  rolesAssigned: Role[];
  /** The token of the invitation, for somebody to hand on, if no e-mail reaches the address. Must not be logged. */
  inviteToken: string | null;
}

/**
 * Adds one user to the Workspace and, with `deploymentRole`, to the Deployment. An unknown address gets an invitation,
 * or with `bypassInvite` becomes a verified user without an e-mail; that of a pending user always gets an invitation. A
 * Workspace role with more permissions than the given one is kept, because the given one may be a default; a Deployment
 * role is replaced. Throws BAD_USER_INPUT for roles of another level, FORBIDDEN for roles that the caller cannot grant,
 * CONFLICT for the last Deployment Admin.
 */
export async function importUser(
  ctx: Context,
  scope: DeploymentScope,
  given: Given,
  bypassInvite: boolean,
): Promise<Imported> {
  const { workspaceId, deploymentId } = scope;
  assertGrantable(ctx, given.workspaceRole, "WORKSPACE", { workspaceId }, "workspaceRole");
  if (given.deploymentRole) assertGrantable(ctx, given.deploymentRole, "DEPLOYMENT", scope, "deploymentRole");
  return ctx.db.$transaction(async (tx) => {
    await lockAddress(tx, given.email);
    const workspace = await lockWorkspace(tx, workspaceId);
    // Locked until the transaction ends, so that it cannot be deleted in the meantime.
    await tx.$queryRaw`SELECT id FROM "Deployment" WHERE id = ${deploymentId} FOR KEY SHARE`;
    await scopeOf(tx, deploymentId);
    const knownId = await idBy(tx, given.email);
    const known = knownId === undefined ? undefined : await lockUser(tx, { id: knownId });
    if (knownId !== undefined && !known) throw userNotFound("email");
    const imported =
      known?.status === "pending" || (!known && !bypassInvite)
        ? await invite(ctx, tx, given, { ...scope, workspace })
        : await bind(ctx, tx, given, scope, known);
    const { email, workspaceRole, deploymentRole = null } = given;
    const { inviteToken: _, ...recorded } = imported;
    await recordAudit(ctx, tx, {
      action: "deploymentUserBulkImport",
      entityType: "Deployment",
      entityId: deploymentId,
      workspaceId,
      detail: { email, workspaceRole, deploymentRole, ...recorded },
    });
    return imported;
  });
}

async function invite(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { email, workspaceRole: role, deploymentRole }: Given,
  { workspace, ...scope }: DeploymentScope & { workspace: { id: string; label: string } },
): Promise<Imported> {
  const invitation = await openInvitation(ctx, tx, email, scope, { role, deploymentRole });
  const { token } = await storeInvite(ctx, tx, { email, workspace: { ...workspace, ...invitation } });
  const rolesAssigned = deploymentRole ? [invitation.role, deploymentRole] : [invitation.role];
  const inviteToken = reachesRecipients(ctx.config.email) ? null : token;
  return { userId: null, status: "invited", created: false, rolesAssigned, inviteToken };
}

async function bind(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { email, fullName, workspaceRole, deploymentRole }: Given,
  { workspaceId, deploymentId }: DeploymentScope,
  known: LockedUser | undefined,
): Promise<Imported> {
  // An invitation to the same Workspace is no longer needed.
  if (!known) await tx.invite.deleteMany({ where: { email, workspaceId } });
  const user = known ?? (await createVerifiedUser(tx, email, fullName));
  const { id: userId } = user;
  const rolesAssigned: Role[] = [];
  const grant = async (role: Role, at: { workspaceId: string } | { deploymentId: string }, lower: boolean) => {
    const held = await heldRole(tx, userId, at);
    if (held && (held.role === role || (!lower && allowsLess(ctx.roles, role, held.role)))) return;
    if (held) await changeRole(ctx, tx, held, role, { scope: { workspaceId, deploymentId }, argument: "email" });
    else await tx.roleBinding.create({ data: { userId, role, namedAddress: email, ...at }, select: { id: true } });
    rolesAssigned.push(role);
  };
  await grant(workspaceRole, { workspaceId }, false);
  if (deploymentRole) await grant(deploymentRole, { deploymentId }, true);
  return { userId, status: user.status, created: !known, rolesAssigned, inviteToken: null };
}
