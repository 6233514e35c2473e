import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, optional } from "../../platform/input/input.ts";

const Input = z.object({ inviteUuid: IdOf, workspaceUuid: optional(z.string("needs an id")) });

/** The invitation that the arguments name: by its id and, where it is given, by the Workspace it must lead to. */
export function inviteToDelete(input: unknown): { id: string; workspaceId: string | undefined } {
  const { inviteUuid: id, workspaceUuid: workspaceId } = parse(Input, input);
  return { id, workspaceId };
}

/**
 * Withdraws an invitation: the link in its mail is void. Throws NOT_FOUND for an unknown one, one that leads elsewhere, and
 * one that was withdrawn or accepted in the meantime.
 */
export async function deleteInviteToken(ctx: Context, input: unknown): Promise<void> {
  const { id, workspaceId } = inviteToDelete(input);
  await ctx.db.$transaction(async (tx) => {
    const where = workspaceId === undefined ? { id } : { id, workspaceId };
    const invite = await tx.invite.findFirst({ where, select: { email: true, workspaceId: true } });
    const { count } = await tx.invite.deleteMany({ where });
    if (!invite || count === 0) {
      const there = workspaceId === undefined ? "" : " to this Workspace";
      throw new AppError("NOT_FOUND", `inviteUuid: there is no such invitation${there}`, "inviteUuid");
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
