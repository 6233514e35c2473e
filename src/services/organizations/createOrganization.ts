import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { BillingEmail, OrganizationName, organizationNameConflict } from "./organizationInput.ts";

const Input = z.object({ name: OrganizationName, billingEmail: BillingEmail.optional() });

/** Creates an Organization without Workspaces. Throws CONFLICT if the name is already in use. */
export async function createOrganization(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { name, billingEmail = "" } = parse(Input, input);
  const author = actorOf(ctx);
  return ctx.db
    .$transaction(async (tx) => {
      const data = { name, billingEmail, createdBy: author, updatedBy: author };
      const { id } = await tx.organization.create({ data, select: { id: true } });
      await recordAudit(ctx, tx, {
        action: "createOrganization",
        entityType: "Organization",
        entityId: id,
        detail: { name },
      });
      return { id };
    })
    .catch(organizationNameConflict());
}
