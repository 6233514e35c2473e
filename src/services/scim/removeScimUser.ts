import { endSessions } from "../../access/endSessions.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { lockUser } from "../users/lockUser.ts";
import { deleteUser } from "../users/removeUser.ts";
import { userUnknown } from "./listScimUsers.ts";
import { recordScim } from "./recordScim.ts";
import type { ScimContext } from "./scimContext.ts";

/**
 * Removes a user of the provider with their account. An account that another provider keeps too only leaves this one, and
 * its teams. Throws NOT_FOUND for an unknown user, and the errors of `removeUser`: the last admins stay.
 */
export async function removeScimUser(ctx: ScimContext, id: string): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const where = { provider_userId: { provider: ctx.provider, userId: id } };
    const row = id.includes("\0") ? null : await tx.scimUser.findUnique({ where, select: { userName: true } });
    if (!row) throw userUnknown(id);
    const others = await tx.scimUser.count({ where: { userId: id, NOT: { provider: ctx.provider } } });
    if (others === 0) await deleteUser(tx, id, "id");
    else await leaveProvider(ctx, tx, id);
    await recordScim(ctx, tx, {
      action: "removeScimUser",
      entityType: "User",
      entityId: id,
      detail: { userName: row.userName, account: others === 0 ? "removed" : "kept" },
    });
  });
}

async function leaveProvider({ provider }: ScimContext, tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await lockUser(tx, { id: userId });
  const { count } = await tx.scimUser.deleteMany({ where: { provider, userId } });
  if (count === 0) throw userUnknown(userId);
  await tx.teamMember.deleteMany({ where: { userId, team: { provider } } });
  await endSessions(tx, userId);
}
