import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, optional } from "../../platform/input/input.ts";

const Input = z.object({ inviteUuid: IdOf, workspaceUuid: optional(z.string("must be an ID")) });

/** The condition for the invitation to delete: its ID and, if given, the Workspace it must be for. */
export function inviteToDelete(input: unknown): { id: string; workspaceId: string | undefined } {
  const { inviteUuid: id, workspaceUuid: workspaceId } = parse(Input, input);
  return { id, workspaceId };
}

/**
 * Withdraws an invitation, which invalidates the link in its e-mail. Throws NOT_FOUND if it is unknown, is for another
 * Workspace, or was withdrawn or accepted in the meantime.
 */
export async function deleteInviteToken(ctx: Context, input: unknown): Promise<void> {
  const { id, workspaceId } = inviteToDelete(input);
  await ctx.db.$transaction(async (tx) => {
    const where = workspaceId === undefined ? { id } : { id, workspaceId };
    const invite = await tx.invite.findFirst({ where, select: { email: true, workspaceId: true } });
    const { count } = await tx.invite.deleteMany({ where });
    if (!invite || count === 0) {
      const target = workspaceId === undefined ? "" : " to this Workspace";
      throw new AppError("NOT_FOUND", `inviteUuid: unknown invitation${target}`, "inviteUuid");
    }
    await recordAudit(ctx, tx, {
      action: "deleteInviteToken",
      entityType: "Invite",
      entityId: id,
      workspaceId: invite.workspaceId,
      detail: { email: invite.email },
    });
  });
}
