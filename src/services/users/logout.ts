import type { Context } from "../../access/context.ts";
import { unauthenticated } from "../../platform/errors/appError.ts";

/** Ends the session of the token presented; the token is refused from then on. Throws UNAUTHENTICATED without a good one. */
export async function logout(ctx: Context): Promise<void> {
  if (ctx.credential.kind !== "session") throw unauthenticated();
  const { sessionId, userId } = ctx.credential;
  const { count } = await ctx.db.session.deleteMany({ where: { id: sessionId, userId } });
  if (count === 0) throw unauthenticated();
}
