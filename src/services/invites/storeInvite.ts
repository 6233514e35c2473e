import type { Context } from "../../access/context.ts";
import { assertWithinReach } from "../../access/heldRole.ts";
import { roleDefinitions } from "../../access/roles.ts";
import type { Prisma, Role } from "../../generated/prisma/client.ts";
import { links } from "../../platform/mail/links.ts";
import { queueMail } from "../../platform/mail/queueMail.ts";
import { hashOf, newToken } from "../../platform/secrets/tokens.ts";

/** How long the link in an invitation works, in milliseconds. */
const LIFE = 7 * 24 * 60 * 60 * 1000;

/** What somebody is invited to. */
export interface Invitation {
  email: string;
  /** The Workspace with the roles there; null for the platform. */
  workspace: { id: string; label: string; role: Role; deploymentRoles: { deploymentId: string; role: Role }[] } | null;
}

/**
 * Of all that is done about one address at the same time, one after the other: the address is not a row yet that could
 * be locked. To be called first in the transaction.
 */
export async function lockAddress(tx: Prisma.TransactionClient, email: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`address:${email}`}, 0))`;
}

/**
 * Stores an invitation and queues its mail, whose link works for 7 days. One that is open already is renewed: the link
 * before it is void, the roles are the new ones. Throws FORBIDDEN if it promises a role the caller could not give. The
 * address must be locked.
 */
export async function storeInvite(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { email, workspace }: Invitation,
): Promise<{ id: string }> {
  const token = newToken();
  const data = {
    tokenHash: hashOf(token),
    role: workspace?.role ?? null,
    deploymentRoles: workspace?.deploymentRoles ?? [],
    invitedById: ctx.caller.kind === "user" ? ctx.caller.id : null,
    expiresAt: new Date(ctx.now().getTime() + LIFE),
  };
  const workspaceId = workspace?.id ?? null;
  const select = { id: true, role: true };
  const open = await tx.invite.findFirst({ where: { email, workspaceId }, select });
  if (open?.role) assertWithinReach(ctx, open.role, { workspaceId });
  const invite = open
    ? await tx.invite.update({ where: { id: open.id }, data, select })
    : await tx.invite.create({ data: { email, workspaceId, ...data }, select });
  await queueMail(ctx, tx, {
    template: "invite",
    to: email,
    data: {
      inviterName: await inviterName(ctx, tx),
      scopeName: workspace?.label ?? ctx.config.appSubName,
      roleName: roleDefinitions[workspace?.role ?? "USER"].name,
      link: links(ctx.config).invite(token),
      expiresIn: "7 days",
    },
  });
  return invite;
}

/** Names are whatever people call themselves; an address is known to be theirs. */
async function inviterName(ctx: Context, tx: Prisma.TransactionClient): Promise<string> {
  if (ctx.caller.kind !== "user") return ctx.config.appSubName;
  const email = await tx.email.findFirst({ where: { userId: ctx.caller.id }, orderBy: { primary: "desc" } });
  return email?.address ?? ctx.config.appSubName;
}
