import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Flag, IdOf, Label, optional } from "../../platform/input/input.ts";
import { type Changed, countOf, given, isDeletion, prototypeFor } from "./clickstreamInput.ts";
import { sealDetails } from "./connectionDetails.ts";
import { lockConnection } from "./lockRows.ts";
import { detailsFor } from "./prototypes.ts";

const Input = z.object({
  organizationId: IdOf,
  connectionId: IdOf,
  name: optional(Label),
  details: optional(z.unknown()),
  delete: optional(Flag),
});

/**
 * Changes the name or replaces all details of a Connection, or deletes it. Nothing is kept of replaced details:
 * callers who cannot read a credential could otherwise have it sent to a host of their own. Throws NOT_FOUND if the
 * Organization has no such Connection, BAD_USER_INPUT for details that the prototype does not allow, CONFLICT if the
 * one to delete is in use.
 */
export async function updateConnection(ctx: Context, input: unknown): Promise<Changed> {
  const { organizationId, connectionId: id, name, details, delete: remove } = parse(Input, input);
  const isDeleted = isDeletion(remove, { name, details });
  return ctx.db.$transaction(async (tx) => {
    const locked = await lockConnection(tx, organizationId, id);
    if (!locked)
      throw new AppError("NOT_FOUND", "connectionId: unknown Connection of this Organization", "connectionId");
    const entity = { entityType: "Connection", entityId: id };
    if (isDeleted) {
      await deleteUnused(tx, id);
      await recordAudit(ctx, tx, { ...entity, action: "deleteConnection", detail: { organizationId } });
      return { id, message: "Connection deleted" };
    }
    const { data, properties } = replacement(ctx, id, locked.integrationCode, details);
    await tx.connection.update({ where: { id }, data: given({ name, ...data }), select: { id: true } });
    await recordAudit(ctx, tx, {
      ...entity,
      action: "updateConnection",
      detail: { organizationId, name, details: properties },
    });
    return { id, message: "Connection updated" };
  });
}

/** The columns for new details, if any, and the names of the properties in them. */
function replacement({ secrets }: Context, id: string, integrationCode: string, value: unknown) {
  if (value === undefined) return {};
  const prototype = prototypeFor(integrationCode);
  const details = detailsFor(prototype, value);
  const data = { connectionPrototypeId: prototype.id, details: sealDetails(secrets, id, details) };
  return { data, properties: Object.keys(details) };
}

async function deleteUnused(tx: Prisma.TransactionClient, id: string): Promise<void> {
  const count = await tx.integration.count({ where: { connectionId: id } });
  if (count > 0) {
    const used = `is used by ${countOf(count, "Integration")}; delete ${count === 1 ? "it" : "them"} first`;
    throw new AppError("CONFLICT", `connectionId: ${used}`, "connectionId");
  }
  await tx.connection.delete({ where: { id }, select: { id: true } });
}
