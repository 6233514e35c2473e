import { z } from "zod";
import { authorize } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { heldRole, removeRole } from "../../access/heldRole.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError, badInput, forbidden } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress, IdOf, optional } from "../../platform/input/input.ts";
import { type LockedUser, lockNamed, lockUser } from "../users/lockUser.ts";

const Input = z.object({
  workspaceUuid: IdOf,
  userUuid: optional(z.string("must be an ID")),
  email: optional(EmailAddress),
});

type Given = z.output<typeof Input>;

const UPDATE = "workspace.iam.update" as const;

/**
 * Removes a user, who may be the caller, from a Workspace with their roles in its Deployments, and withdraws an open
 * invitation to them. Throws NOT_FOUND if they have neither, CONFLICT for the last Workspace Admin, FORBIDDEN for a
 * role with permissions that the caller lacks, BAD_USER_INPUT unless the arguments identify one user.
 */
export async function workspaceRemoveUser(ctx: Context, input: unknown): Promise<void> {
  const given = parse(Input, input);
  const { workspaceUuid: workspaceId, userUuid, email } = given;
  if (userUuid === undefined && email === undefined) {
    throw badInput("userUuid, email", "one of them is required: the ID or an e-mail address of the user");
  }
  const leaves = ctx.caller.id === userUuid && !authorize(ctx.roles, ctx.caller, [UPDATE], { workspaceId });
  const argument = email === undefined ? "userUuid" : "email";
  await ctx.db.$transaction(async (tx) => {
    // Before locking the user, the same order as when an invitation is accepted.
    const withdrawn = await withdraw(tx, given);
    const user = await lockGiven(tx, given);
    const held = user && (await heldRole(tx, user.id, { workspaceId }));
    // The guard lets everyone remove themselves; `email` must then be theirs too. The same for someone who has no role.
    if (leaves && !held) throw forbidden([UPDATE]);
    if (!held && withdrawn === 0) {
      throw new AppError("NOT_FOUND", `${argument}: the user is not in the Workspace`, argument);
    }
    if (held) {
      await removeRole(ctx, tx, held, { scope: { workspaceId }, argument });
      await tx.roleBinding.deleteMany({ where: { userId: held.userId, deployment: { workspaceId } } });
    }
    await recordAudit(ctx, tx, {
      action: "workspaceRemoveUser",
      entityType: "Workspace",
      entityId: workspaceId,
      workspaceId,
      detail: { userId: user?.id ?? null, email: email ?? null, role: held?.role ?? null, invitations: withdrawn },
    });
  });
}

function lockGiven(tx: Prisma.TransactionClient, { userUuid, email }: Given): Promise<LockedUser | undefined> {
  return email === undefined
    ? lockUser(tx, { id: userUuid ?? "" })
    : lockNamed(tx, { id: userUuid, email }, "userUuid");
}

/** Deletes the user's invitations to the Workspace; returns how many there were. */
function withdraw(tx: Prisma.TransactionClient, given: Given): Promise<number> {
  return tx.$executeRaw`DELETE FROM "Invite" WHERE "workspaceId" = ${given.workspaceUuid}
    AND (email = ${given.email ?? null} OR email IN (
      SELECT address FROM "Email" WHERE "userId" = ${given.userUuid ?? null}
    ))`;
}
