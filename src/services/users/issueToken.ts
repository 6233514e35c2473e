import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { signToken, type TokenPayload } from "../../access/jwt.ts";
import type { Prisma } from "../../generated/prisma/client.ts";

/** The shortest life of a token that can be asked for, in milliseconds. */
const SHORTEST = 60_000;

/** The wanted life of a token in milliseconds; missing and null ask for `jwt.authDuration`. */
export const Duration = z
  .int("needs a whole number of milliseconds")
  .min(SHORTEST, "needs 60,000 milliseconds or more")
  .nullish();

/** A token that was just issued, and the session it stands for. */
export interface IssuedToken {
  value: string;
  payload: TokenPayload;
  sessionId: string;
}

/**
 * Signs a user in: a session row, and the token that is good while the row exists. `duration` is its life in
 * milliseconds; `jwt.authDuration` is the default and the most there is.
 */
export async function issueToken(
  ctx: Pick<Context, "config" | "now">,
  tx: Prisma.TransactionClient,
  userId: string,
  duration: number | null | undefined,
): Promise<IssuedToken> {
  const longest = ctx.config.jwt.authDuration;
  const now = ctx.now();
  const expiresAt = new Date(now.getTime() + Math.min(duration ?? longest, longest));
  const { id: sessionId } = await tx.session.create({ data: { userId, expiresAt }, select: { id: true } });
  return { ...signToken(ctx.config, userId, sessionId, now, expiresAt), sessionId };
}
