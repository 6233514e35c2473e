import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, Label } from "../../platform/input/input.ts";
import { newId } from "../../platform/secrets/newId.ts";
import { type Changed, prototypeFor } from "./clickstreamInput.ts";
import { sealDetails } from "./connectionDetails.ts";
import { assertBelowLimit } from "./limits.ts";
import { lockOrganization } from "./lockRows.ts";
import { detailsFor } from "./prototypes.ts";

const Input = z.object({
  organizationId: IdOf,
  integrationCode: z.string("must be the code of a prototype"),
  connectionPrototypeId: z.string("must be the ID of a prototype"),
  name: Label,
  details: z.unknown(),
});

/**
 * Creates a Connection with encrypted details. Throws BAD_USER_INPUT for details that the prototype does not allow, for
 * code and ID of different prototypes, and if the Organization already has 1,000.
 */
export async function createConnection(ctx: Context, input: unknown): Promise<Changed> {
  const { organizationId, integrationCode, connectionPrototypeId, name, ...given } = parse(Input, input);
  const prototype = prototypeFor(integrationCode);
  if (connectionPrototypeId !== prototype.id) {
    throw badInput("connectionPrototypeId", `must be ${prototype.id}, the ID of the prototype ${prototype.code}`);
  }
  const details = detailsFor(prototype, given.details);
  const id = newId();
  const author = actorOf(ctx);
  return ctx.db.$transaction(async (tx) => {
    await lockOrganization(tx, organizationId);
    const count = await tx.connection.count({ where: { organizationId } });
    assertBelowLimit("orgId", "Organization", "Connection", count);
    const sealed = sealDetails(ctx.secrets, id, details);
    const row = { id, organizationId, name, integrationCode, connectionPrototypeId, details: sealed };
    await tx.connection.create({ data: { ...row, createdBy: author, updatedBy: author }, select: { id: true } });
    await recordAudit(ctx, tx, {
      action: "createConnection",
      entityType: "Connection",
      entityId: id,
      detail: { organizationId, name, integrationCode, details: Object.keys(details) },
    });
    return { id, message: "Connection created" };
  });
}
