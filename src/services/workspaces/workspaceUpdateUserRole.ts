import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { assertWithinReach, changeRole, heldRole } from "../../access/heldRole.ts";
import { type Prisma, Role } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { conflictOn } from "../../platform/errors/conflictOn.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress, IdOf } from "../../platform/input/input.ts";
import { assertMayBecome, assertUserManagement } from "../users/assertUserManagement.ts";
import { lockUser } from "../users/lockUser.ts";

const Input = z.object({ email: EmailAddress, workspaceUuid: IdOf, role: z.enum(Role) });

type Given = z.output<typeof Input>;

/**
 * Changes the role of a user in a Workspace, or the role of an open invitation to them, and returns the new one.
 * Throws NOT_FOUND if they have neither, CONFLICT for the last Workspace Admin,
 * BAD_USER_INPUT for a role of another level, FORBIDDEN if the old or the new one has permissions that the caller
 * lacks, FEATURE_DISABLED for a role that is not lower if users are not managed in Houston.
 */
export function workspaceUpdateUserRole(ctx: Context, input: unknown): Promise<Role> {
  return setRole(ctx, parse(Input, input), "workspaceUpdateUserRole");
}

/**
 * Like `workspaceUpdateUserRole`, but grants the role to a user who has none. NOT_FOUND only for an address without an
 * active user.
 * Throws FEATURE_DISABLED if users are not managed in Houston.
 */
export async function workspaceUpsertUserRole(ctx: Context, input: unknown): Promise<Role> {
  assertUserManagement(ctx);
  return setRole(ctx, parse(Input, input), "workspaceUpsertUserRole");
}

type Action = "workspaceUpdateUserRole" | "workspaceUpsertUserRole";

async function setRole(ctx: Context, given: Given, action: Action): Promise<Role> {
  const { email, workspaceUuid: workspaceId, role } = given;
  assertGrantable(ctx, role, "WORKSPACE", { workspaceId });
  await ctx.db.$transaction(async (tx) => {
    // Before locking the user, the same order as when an invitation is accepted.
    const invited = await updateInvite(ctx, tx, given);
    const user = await lockUser(tx, { email });
    const held = user && (await heldRole(tx, user.id, { workspaceId }));
    if (held) assertMayBecome(ctx, held.role, role);
    if (held) await changeRole(ctx, tx, held, role, { scope: { workspaceId }, argument: "email" });
    else if (user?.status === "active" && action === "workspaceUpsertUserRole") await bind(tx, user.id, given);
    else if (!invited) {
      const text = action === "workspaceUpdateUserRole" ? "the user is not in the Workspace" : "unknown user";
      throw new AppError("NOT_FOUND", `email: ${text}`, "email");
    }
    await recordAudit(ctx, tx, {
      action,
      entityType: "Workspace",
      entityId: workspaceId,
      workspaceId,
      detail: { email, role, before: held?.role ?? invited ?? null },
    });
  });
  return role;
}

/** Changes the role of an open invitation to the Workspace. Returns the old one, or undefined without an invitation. */
async function updateInvite(ctx: Context, tx: Prisma.TransactionClient, given: Given): Promise<Role | undefined> {
  const { email, workspaceUuid: workspaceId, role } = given;
  const [invite] = await tx.$queryRaw<{ id: string; role: Role | null }[]>`SELECT id, role::text AS role FROM "Invite"
    WHERE email = ${email} AND "workspaceId" = ${workspaceId} AND "expiresAt" > ${ctx.now().toISOString()}::timestamp
    FOR UPDATE`;
  if (!invite?.role) return undefined;
  assertWithinReach(ctx, invite.role, { workspaceId });
  assertMayBecome(ctx, invite.role, role);
  // Whoever sets the role must still be able to grant it when the invitation is accepted.
  const invitedBy = `${ctx.caller.kind}:${ctx.caller.id}`;
  await tx.invite.update({ where: { id: invite.id }, data: { role, invitedBy }, select: { id: true } });
  return invite.role;
}

async function bind(tx: Prisma.TransactionClient, userId: string, given: Given): Promise<void> {
  const { email, workspaceUuid: workspaceId, role } = given;
  await tx.invite.deleteMany({ where: { email, workspaceId } });
  await tx.roleBinding
    .create({ data: { userId, workspaceId, role, namedAddress: email }, select: { id: true } })
    .catch(conflictOn("email", "another request granted the user a role at the same time; try again"));
}
