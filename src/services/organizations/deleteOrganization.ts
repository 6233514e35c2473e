import type { Context } from "../../access/context.ts";
import { DEFAULT_ORGANIZATION } from "../../access/scopePaths.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { lockAccounts } from "./lockAccounts.ts";
import { lockOrganization } from "./lockOrganization.ts";
import { removeUnused } from "./removeUnused.ts";

/**
 * Deletes an Organization with its role bindings, service accounts, Applications, Connections and Integrations. Throws
 * CONFLICT while it owns Workspaces or clusters, and for the default one.
 */
export async function deleteOrganization(ctx: Context, id: string): Promise<void> {
  if (id === DEFAULT_ORGANIZATION) throw conflict("the default Organization cannot be deleted");
  await ctx.db.$transaction(async (tx) => {
    const { name } = await lockOrganization(tx, id);
    await assertEmpty(tx, id);
    const people = await tx.roleBinding.findMany({
      where: { organizationId: id, user: { status: "pending" } },
      select: { userId: true },
    });
    const accounts = await lockAccounts(
      tx,
      people.flatMap(({ userId }) => userId ?? []),
    );
    await tx.organization.delete({ where: { id }, select: { id: true } });
    await removeUnused(
      ctx,
      tx,
      accounts.map((account) => account.id),
    );
    await recordAudit(ctx, tx, {
      action: "updateOrganization",
      entityType: "Organization",
      entityId: id,
      detail: { name, deleted: true },
    });
  });
}

const conflict = (reason: string) => new AppError("CONFLICT", `delete: ${reason}`, "delete");

async function assertEmpty(tx: Prisma.TransactionClient, organizationId: string): Promise<void> {
  const counts = [
    ["Workspace", await tx.workspace.count({ where: { organizationId } })],
    ["cluster", await tx.cluster.count({ where: { organizationId } })],
  ] as const;
  const owned = counts.filter(([, count]) => count > 0);
  if (owned.length === 0) return;
  const total = owned.reduce((sum, [, count]) => sum + count, 0);
  const names = owned.map(([noun, count]) => `${count} ${noun}${count === 1 ? "" : "s"}`).join(" and ");
  const them = total === 1 ? "it" : "them";
  throw conflict(`the Organization still owns ${names}; delete ${them} first`);
}
