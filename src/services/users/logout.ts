import type { Context } from "../../access/context.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { unauthenticated } from "../../platform/errors/appError.ts";

/** Ends the session of the caller's token, which revokes the token. Throws UNAUTHENTICATED without a valid token. */
export async function logout(ctx: Context): Promise<void> {
  if (ctx.credential.kind !== "session") throw unauthenticated();
  const { sessionId, userId } = ctx.credential;
  const caller = { kind: "user", id: userId } as const;
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { id: sessionId, userId } });
    if (count === 0) throw unauthenticated();
    await recordAudit({ ...ctx, caller }, tx, { action: "logout", entityType: "User", entityId: userId });
  });
  ctx.origin.caller = actorOf({ caller });
}
