import { z } from "zod";
import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { removeRole } from "../../access/heldRole.ts";
import { Role } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { lockUser } from "../users/lockUser.ts";

const Input = z.object({ userId: IdOf, role: z.enum(Role) });

/**
 * Revokes a user's system role and ends their sessions, even if it is the caller's own. Throws NOT_FOUND if they do not
 * hold it, CONFLICT for the last System Admin, BAD_USER_INPUT for a role of another level.
 */
export async function deleteSystemRoleBinding(ctx: Context, input: unknown): Promise<void> {
  const { userId, role } = parse(Input, input);
  assertGrantable(ctx, role, "SYSTEM", {});
  await ctx.db.$transaction(async (tx) => {
    await lockUser(tx, { id: userId });
    const scope = { workspaceId: null, deploymentId: null };
    const held = await tx.roleBinding.findFirst({ where: { userId, role, ...scope } });
    if (!held) throw new AppError("NOT_FOUND", `userId: no user with this ID holds ${role}`, "userId");
    await removeRole(ctx, tx, { ...held, userId }, { scope: {}, argument: "userId" });
    await recordAudit(ctx, tx, {
      action: "deleteSystemRoleBinding",
      entityType: "User",
      entityId: userId,
      detail: { role },
    });
  });
}
