import type { Context } from "../../access/context.ts";
import { tokenFrom } from "../../platform/mail/tokenFrom.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";

type Reading = Pick<Context, "db" | "now">;

/** The user whose password the link with this token sets; undefined if it is unknown, used or expired. */
export async function openReset({ db, now }: Reading, token: string): Promise<{ username: string } | undefined> {
  const found = await db.localCredential.findFirst({
    where: { resetTokenHash: hashOf(tokenFrom(token)), resetTokenExpiresAt: { gt: now() } },
    select: { user: { select: { username: true } } },
  });
  return found?.user;
}

/** The address that the link with this token confirms; undefined if it is unknown, used or expired. */
export async function openConfirmation({ db, now }: Reading, token: string): Promise<{ address: string } | undefined> {
  const found = await db.email.findFirst({
    where: { confirmTokenHash: hashOf(tokenFrom(token)), confirmTokenExpiresAt: { gt: now() } },
    select: { address: true },
  });
  return found ?? undefined;
}

/** The address that the invitation with this token is for; undefined if it is unknown, used or expired. */
export async function openInvite({ db, now }: Reading, token: string): Promise<{ address: string } | undefined> {
  const found = await db.invite.findFirst({
    where: { tokenHash: hashOf(tokenFrom(token)), expiresAt: { gt: now() } },
    select: { email: true },
  });
  return found ? { address: found.email } : undefined;
}
