import type { Context } from "../../access/context.ts";
import { roleDefinitions } from "../../access/roleDefinitions.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { links } from "../../platform/mail/links.ts";
import { plainLabel } from "../../platform/mail/plainLabel.ts";
import { queueMail } from "../../platform/mail/queueMail.ts";
import { hashOf, newToken } from "../../platform/secrets/tokens.ts";
import { assertUserManagement } from "../users/assertUserManagement.ts";
import { countInvitation } from "../users/countMail.ts";
import { assertLocalSignIn } from "../users/localSignIn.ts";
import { NO_PASSWORD } from "../users/password.ts";
import { usernameKey } from "../users/usernameKey.ts";
import type { Account } from "./lockAccounts.ts";

/** Lifetime of the link in the e-mail, in milliseconds. */
const LIFETIME = 7 * 24 * 60 * 60 * 1000;

/** The role with which an Organization adds people. */
export type PersonRole = "ORGANIZATION_OWNER" | "ORGANIZATION_USER";

/** Throws FEATURE_DISABLED, naming the person, if nobody can be signed up. */
export function assertSignUp(ctx: Context, argument: string): void {
  try {
    assertUserManagement(ctx);
    assertLocalSignIn(ctx);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    throw new AppError(thrown.code, `${argument}: no active user has this address. ${thrown.message}`, argument);
  }
}

/**
 * Creates the pending account of an address that is not known yet, without a password. Throws CONFLICT if somebody
 * signs up with the address at the same time.
 */
export async function createAccount(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { address, argument }: { address: string; argument: string },
): Promise<Account> {
  const user = await tx.user
    .create({
      data: {
        username: address,
        usernameKey: usernameKey(address),
        status: "pending",
        emails: { create: { address, primary: true, verified: false } },
      },
      select: { id: true },
    })
    .catch(conflictOn(argument, "someone signed up with this address at the same time; try again"));
  await recordAudit(ctx, tx, {
    action: "updateOrganization",
    entityType: "User",
    entityId: user.id,
    detail: { email: address, status: "pending", organizationId: ctx.organization ?? null },
  });
  return { id: user.id, status: "pending", address };
}

/**
 * Sends the e-mail with which the owner of a pending account's address sets its password, and makes everything before it
 * invalid: a password or link that somebody got before the address was proven must not open the account. Throws
 * TOO_MANY_REQUESTS after too many invitations.
 */
export async function sendLink(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { id: userId, address }: Account,
  { organizationName, inviterName, role }: { organizationName: string; inviterName: string; role: PersonRole },
): Promise<void> {
  const token = newToken();
  const reset = {
    passwordHash: NO_PASSWORD,
    resetTokenHash: hashOf(token),
    resetTokenExpiresAt: new Date(ctx.now().getTime() + LIFETIME),
  };
  await tx.localCredential.upsert({ where: { userId }, create: { userId, ...reset }, update: reset });
  await tx.email.updateMany({ where: { userId }, data: { confirmTokenHash: null, confirmTokenExpiresAt: null } });
  await countInvitation(ctx, tx, { address, scope: ctx.organization ?? "" });
  await queueMail(ctx, tx, {
    template: "join",
    to: address,
    data: {
      inviterName,
      organizationName: plainLabel(organizationName, "an Organization"),
      roleName: roleDefinitions[role].name,
      link: links(ctx.config).reset(token),
      expiresIn: "7 days",
    },
  });
}
