import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { signToken, type TokenPayload } from "../../access/jwt.ts";
import type { Prisma } from "../../generated/prisma/client.ts";

/** The shortest lifetime of a token that can be requested, in milliseconds. */
const MIN_DURATION = 60_000;

const DURATION = "must be a whole number of milliseconds, at least 60,000";

/** The requested lifetime of a token in milliseconds; defaults to `jwt.authDuration`. */
export const Duration = z.int(DURATION).min(MIN_DURATION, DURATION).nullish();

/** A token that was just issued, and its session. */
export interface IssuedToken {
  value: string;
  payload: TokenPayload;
  sessionId: string;
}

/**
 * Signs a user in: creates a session row, and a token that is valid while the row exists. `duration` is its lifetime in
 * milliseconds; `jwt.authDuration` is the default and the maximum.
 */
export async function issueToken(
  ctx: Pick<Context, "config" | "now">,
  tx: Prisma.TransactionClient,
  userId: string,
  duration: number | null | undefined,
): Promise<IssuedToken> {
  const max = ctx.config.jwt.authDuration;
  const now = ctx.now();
  const expiresAt = new Date(now.getTime() + Math.min(duration ?? max, max));
  const { id: sessionId } = await tx.session.create({ data: { userId, expiresAt }, select: { id: true } });
  return { ...signToken(ctx.config, userId, sessionId, now, expiresAt), sessionId };
}
