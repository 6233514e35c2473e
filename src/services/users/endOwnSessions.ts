import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError, forbidden } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";

const Input = z.object({ sessionId: IdOf });

/** Ends one of the caller's sessions, which revokes its token. Throws NOT_FOUND if the caller has no such session. */
export async function endOwnSession(ctx: Context, input: unknown): Promise<void> {
  const { kind, id: userId } = ctx.caller;
  if (kind !== "user") throw forbidden();
  const { sessionId } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { id: sessionId, userId } });
    if (count === 0) throw new AppError("NOT_FOUND", "sessionId: this session has already ended", "sessionId");
    await recordAudit(ctx, tx, { action: "endSession", entityType: "User", entityId: userId });
  });
}

/** Ends all sessions of the caller except the one that the request belongs to. */
export async function endOtherSessions(ctx: Context): Promise<void> {
  const { kind, id: userId, sessionId = "" } = ctx.caller;
  if (kind !== "user") throw forbidden();
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { userId, NOT: { id: sessionId } } });
    await recordAudit(ctx, tx, { action: "endOtherSessions", entityType: "User", entityId: userId, detail: { count } });
  });
}
