import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress } from "../../platform/input/input.ts";
import { links } from "../../platform/mail/links.ts";
import { queueMail } from "../../platform/mail/queueMail.ts";
import { hashOf, newToken } from "../../platform/secrets/tokens.ts";
import { assertLocalSignIn } from "./localSignIn.ts";
import { NO_PASSWORD } from "./password.ts";
import { queueDecoyMail } from "./queueDecoyMail.ts";

/** Lifetime of the link in a reset e-mail, in milliseconds. */
const LIFETIME = 60 * 60 * 1000;

const Input = z.object({ email: EmailAddress });

/**
 * Sends a link for setting a password to the primary address of an active user, with or without a password; invalidates
 * the previous link. Returns true for every address, after the same time, so that it does not reveal which ones exist.
 */
export async function forgotPassword(ctx: Context, input: unknown): Promise<true> {
  assertLocalSignIn(ctx);
  const { email: address } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const user = await tx.user.findFirst({
      where: { status: "active", emails: { some: { address, primary: true } } },
      select: { id: true, username: true, fullName: true },
    });
    if (!user) return queueDecoyMail(tx);
    const token = newToken();
    const reset = { resetTokenHash: hashOf(token), resetTokenExpiresAt: new Date(ctx.now().getTime() + LIFETIME) };
    await tx.localCredential.upsert({
      where: { userId: user.id },
      create: { userId: user.id, passwordHash: NO_PASSWORD, ...reset },
      update: reset,
    });
    const data = { name: user.fullName || user.username, link: links(ctx.config).reset(token), expiresIn: "1 hour" };
    await queueMail(ctx, tx, { template: "reset", to: address, data });
  });
  return true;
}
