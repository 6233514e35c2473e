import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Flag, IdOf, Label, optional } from "../../platform/input/input.ts";
import { assertUsable, type Changed, given, isDeletion, prototypeFor } from "./clickstreamInput.ts";
import { keepConnection, lockIntegration } from "./lockRows.ts";
import { configFor } from "./prototypes.ts";

const Input = z.object({
  organizationId: IdOf,
  integrationId: IdOf,
  name: optional(Label),
  configPayload: optional(z.unknown()),
  connectionId: optional(z.string("must be an ID")),
  delete: optional(Flag),
});

/**
 * Changes name or Connection or replaces the config of an Integration, or deletes it. Throws NOT_FOUND if the
 * Organization has no such one, BAD_USER_INPUT for a config that the prototype does not allow, and for a Connection
 * that the Organization does not have or that is for another destination.
 */
export async function updateIntegration(ctx: Context, input: unknown): Promise<Changed> {
  const { organizationId, integrationId: id, name, configPayload, connectionId, delete: remove } = parse(Input, input);
  const isDeleted = isDeletion(remove, { name, configPayload, connectionId });
  return ctx.db.$transaction(async (tx) => {
    const connection = connectionId === undefined ? undefined : await keepConnection(tx, organizationId, connectionId);
    const locked = await lockIntegration(tx, organizationId, id);
    if (!locked) {
      throw new AppError("NOT_FOUND", "integrationId: unknown Integration of this Organization", "integrationId");
    }
    const { integrationCode } = locked;
    const entity = { entityType: "Integration", entityId: id };
    if (isDeleted) {
      await tx.integration.delete({ where: { id }, select: { id: true } });
      await recordAudit(ctx, tx, { ...entity, action: "deleteIntegration", detail: { organizationId } });
      return { id, message: "Integration deleted" };
    }
    const config = configPayload === undefined ? undefined : configFor(prototypeFor(integrationCode), configPayload);
    if (connectionId !== undefined) assertUsable(connection, integrationCode);
    const data = { name, connectionId, configPayload: config as Prisma.InputJsonObject | undefined };
    await tx.integration.update({ where: { id }, data: given(data), select: { id: true } });
    await recordAudit(ctx, tx, {
      ...entity,
      action: "updateIntegration",
      detail: { organizationId, name, connectionId, configPayload: config && Object.keys(config) },
    });
    return { id, message: "Integration updated" };
  });
}
