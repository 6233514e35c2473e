import { customAlphabet } from "nanoid";
import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, Label, oneOf } from "../../platform/input/input.ts";
import type { Changed } from "./clickstreamInput.ts";
import { assertBelowLimit } from "./limits.ts";
import { lockOrganization } from "./lockRows.ts";

/** 125 random bits. Apps and websites contain it, so it is in letters and digits only. */
const newApplicationId = customAlphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 21);

const Input = z.object({
  organizationId: IdOf,
  name: Label,
  platform: oneOf(["analytics.js", "server", "analytics-android", "analytics-ios"]),
});

/** Creates an Application. Throws BAD_USER_INPUT if the Organization already has 1,000. */
export async function createApplication(ctx: Context, input: unknown): Promise<Changed> {
  const { organizationId, name, platform } = parse(Input, input);
  const author = actorOf(ctx);
  return ctx.db.$transaction(async (tx) => {
    await lockOrganization(tx, organizationId);
    const count = await tx.application.count({ where: { organizationId } });
    assertBelowLimit("orgId", "Organization", "Application", count);
    const data = { id: newApplicationId(), organizationId, name, platform, createdBy: author, updatedBy: author };
    const { id } = await tx.application.create({ data, select: { id: true } });
    await recordAudit(ctx, tx, {
      action: "createApplication",
      entityType: "Application",
      entityId: id,
      detail: { organizationId, name, platform },
    });
    return { id, message: "Application created" };
  });
}
