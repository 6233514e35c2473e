import type { Context } from "../../access/context.ts";
import { forbidden } from "../../platform/errors/appError.ts";

/** A sign-in of the caller that has not ended. */
export interface OwnSession {
  id: string;
  createdAt: Date;
  /** To about two minutes; null for one that was not used yet. */
  lastUsedAt: Date | null;
  expiresAt: Date;
}

/** Most sessions that are listed. Programs may sign in every minute. */
const MAX_LISTED = 50;

/** The caller's newest sessions, at most 50, and how many there are. Throws FORBIDDEN for a caller who is no user. */
export async function ownSessions(ctx: Context): Promise<{ sessions: OwnSession[]; count: number }> {
  const { kind, id: userId } = ctx.caller;
  if (kind !== "user") throw forbidden();
  const where = { userId, expiresAt: { gt: ctx.now() } };
  const [sessions, count] = await Promise.all([
    ctx.db.session.findMany({
      where,
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: MAX_LISTED,
      select: { id: true, createdAt: true, lastUsedAt: true, expiresAt: true },
    }),
    ctx.db.session.count({ where }),
  ]);
  return { sessions, count };
}
