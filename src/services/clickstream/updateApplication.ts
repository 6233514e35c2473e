import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Flag, IdOf, Label, optional } from "../../platform/input/input.ts";
import { type Changed, countOf, given, isDeletion } from "./clickstreamInput.ts";
import { lockApplication } from "./lockRows.ts";

const Input = z.object({ organizationId: IdOf, appId: IdOf, name: optional(Label), delete: optional(Flag) });

/**
 * Renames an Application, or deletes it with its Integrations. Throws NOT_FOUND if the Organization has no such
 * Application.
 */
export async function updateApplication(ctx: Context, input: unknown): Promise<Changed> {
  const { organizationId, appId: id, name, delete: remove } = parse(Input, input);
  const isDeleted = isDeletion(remove, { name });
  return ctx.db.$transaction(async (tx) => {
    if (!(await lockApplication(tx, organizationId, id))) {
      throw new AppError("NOT_FOUND", "appId: unknown Application of this Organization", "appId");
    }
    const entity = { entityType: "Application", entityId: id };
    if (isDeleted) {
      const integrations = await deleteApplication(tx, id);
      await recordAudit(ctx, tx, {
        ...entity,
        action: "deleteApplication",
        detail: { organizationId, integrations },
      });
      const count = integrations.length;
      return { id, message: `Application deleted${count === 0 ? "" : `, with its ${countOf(count, "Integration")}`}` };
    }
    await tx.application.update({ where: { id }, data: given({ name }), select: { id: true } });
    await recordAudit(ctx, tx, { ...entity, action: "updateApplication", detail: { organizationId, name } });
    return { id, message: "Application updated" };
  });
}

/** Returns the IDs of the Integrations that were deleted with it. */
async function deleteApplication(tx: Prisma.TransactionClient, applicationId: string): Promise<string[]> {
  const integrations = await tx.integration.findMany({ where: { applicationId }, select: { id: true } });
  await tx.application.delete({ where: { id: applicationId }, select: { id: true } });
  return integrations.map(({ id }) => id);
}
