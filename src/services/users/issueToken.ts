import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { signToken, type TokenPayload } from "../../access/jwt.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { AppError } from "../../platform/errors/appError.ts";

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
 * milliseconds; `jwt.authDuration` is the default and the maximum. Throws FORBIDDEN for a user whom their identity provider
 * has deactivated.
 */
export async function issueToken(
  ctx: Pick<Context, "config" | "now">,
  tx: Prisma.TransactionClient,
  userId: string,
  duration: number | null | undefined,
): Promise<IssuedToken> {
  await assertNotDeactivated(tx, userId);
  const max = ctx.config.jwt.authDuration;
  const now = ctx.now();
  const expiresAt = new Date(now.getTime() + Math.min(duration ?? max, max));
  const { id: sessionId } = await tx.session.create({ data: { userId, expiresAt }, select: { id: true } });
  return { ...signToken(ctx.config, userId, sessionId, now, expiresAt), sessionId };
}

/** Locks the user first, so that a concurrent deactivation either is seen here or finds the session. */
async function assertNotDeactivated(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.$queryRaw`SELECT id FROM "User" WHERE id = ${userId} FOR SHARE`;
  const where = { userId, active: false };
  const deactivated = await tx.scimUser.findFirst({ where, select: { provider: true } });
  if (!deactivated) return;
  throw new AppError("FORBIDDEN", `Your account was deactivated by your identity provider (${deactivated.provider})`);
}
