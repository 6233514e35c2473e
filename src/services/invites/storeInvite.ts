import type { Context } from "../../access/context.ts";
import { assertWithinReach } from "../../access/heldRole.ts";
import { roleDefinitions } from "../../access/roleDefinitions.ts";
import type { Prisma, Role } from "../../generated/prisma/client.ts";
import { links } from "../../platform/mail/links.ts";
import { plainLabel } from "../../platform/mail/plainLabel.ts";
import { queueMail } from "../../platform/mail/queueMail.ts";
import { hashOf, newToken } from "../../platform/secrets/tokens.ts";
import { countInvitation } from "../users/countMail.ts";

/** Lifetime of the link in an invitation, in milliseconds. */
const LIFETIME = 7 * 24 * 60 * 60 * 1000;

/** An invitation to store. */
export interface Invitation {
  email: string;
  /** The Workspace and the roles to grant; null for the platform. */
  workspace: { id: string; label: string; role: Role; deploymentRoles: { deploymentId: string; role: Role }[] } | null;
}

/**
 * Serializes concurrent changes about one address with an advisory lock, because there may be no row to lock yet. Must
 * be called first in the transaction.
 */
export async function lockAddress(tx: Prisma.TransactionClient, email: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`address:${email}`}, 0))`;
}

/** The same for several addresses, always in the same order. */
export async function lockAddresses(tx: Prisma.TransactionClient, emails: readonly string[]): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('address:' || email, 0))
    FROM unnest(${emails.toSorted()}::text[]) email`;
}

/**
 * Stores an invitation and queues its e-mail, whose link expires after 7 days. An open invitation is renewed: its old
 * link becomes invalid and the new roles replace the old ones. Throws FORBIDDEN if the open one grants a role that the
 * caller could not grant, TOO_MANY_REQUESTS after too many invitations. The address must be locked. Returns the token of the link too, which is stored nowhere.
 */
export async function storeInvite(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { email, workspace }: Invitation,
): Promise<{ id: string; token: string }> {
  const token = newToken();
  const data = {
    tokenHash: hashOf(token),
    role: workspace?.role ?? null,
    deploymentRoles: workspace?.deploymentRoles ?? [],
    invitedById: ctx.caller.kind === "user" ? ctx.caller.id : null,
    invitedBy: `${ctx.caller.kind}:${ctx.caller.id}`,
    expiresAt: new Date(ctx.now().getTime() + LIFETIME),
  };
  const workspaceId = workspace?.id ?? null;
  const select = { id: true, role: true };
  const open = await tx.invite.findFirst({ where: { email, workspaceId }, select });
  if (open?.role) assertWithinReach(ctx, open.role, { workspaceId });
  const invite = open
    ? await tx.invite.update({ where: { id: open.id }, data, select })
    : await tx.invite.create({ data: { email, workspaceId, ...data }, select });
  await countInvitation(ctx, tx, { address: email, scope: workspaceId ?? "the platform" });
  await queueMail(ctx, tx, {
    template: "invite",
    to: email,
    data: {
      inviterName: await inviterName(ctx, tx),
      scopeName: workspace ? plainLabel(workspace.label, "a Workspace") : ctx.config.appSubName,
      roleName: roleDefinitions[workspace?.role ?? "USER"].name,
      link: links(ctx.config).invite(token),
      expiresIn: "7 days",
    },
  });
  return { id: invite.id, token };
}

/** The inviter's e-mail address, because users can choose any name. */
export async function inviterName(ctx: Context, tx: Prisma.TransactionClient): Promise<string> {
  if (ctx.caller.kind !== "user") return ctx.config.appSubName;
  const email = await tx.email.findFirst({ where: { userId: ctx.caller.id }, orderBy: { primary: "desc" } });
  return email?.address ?? ctx.config.appSubName;
}
