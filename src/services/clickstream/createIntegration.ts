import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, Label } from "../../platform/input/input.ts";
import { assertUsable, type Changed, prototypeFor } from "./clickstreamInput.ts";
import { assertBelowLimit } from "./limits.ts";
import { keepConnection, lockApplication } from "./lockRows.ts";
import { configFor } from "./prototypes.ts";

const Input = z.object({
  organizationId: IdOf,
  appId: IdOf,
  integrationCode: z.string("must be the code of a prototype"),
  configPayload: z.unknown(),
  connectionId: IdOf,
  name: Label,
});

/**
 * Creates an Integration of an Application with a Connection. Throws BAD_USER_INPUT for a config that the prototype
 * does not allow, if the Organization does not have both of them, if the Connection is for another destination, and if
 * the Application already has 200.
 */
export async function createIntegration(ctx: Context, input: unknown): Promise<Changed> {
  const { organizationId, appId, connectionId, integrationCode, name, ...given } = parse(Input, input);
  const configPayload = configFor(prototypeFor(integrationCode), given.configPayload);
  const author = actorOf(ctx);
  return ctx.db.$transaction(async (tx) => {
    if (!(await lockApplication(tx, organizationId, appId))) {
      throw badInput("appId", "unknown Application of this Organization");
    }
    assertUsable(await keepConnection(tx, organizationId, connectionId), integrationCode);
    const count = await tx.integration.count({ where: { applicationId: appId } });
    assertBelowLimit("appId", "Application", "Integration", count);
    const row = { applicationId: appId, connectionId, integrationCode, name, createdBy: author, updatedBy: author };
    const { id } = await tx.integration.create({
      data: { ...row, configPayload: configPayload as Prisma.InputJsonObject },
      select: { id: true },
    });
    await recordAudit(ctx, tx, {
      action: "createIntegration",
      entityType: "Integration",
      entityId: id,
      detail: { organizationId, appId, connectionId, name, integrationCode, configPayload: Object.keys(configPayload) },
    });
    return { id, message: "Integration created" };
  });
}
