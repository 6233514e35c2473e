import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { Flag, IdOf } from "../../platform/input/input.ts";
import { BillingEmail, OrganizationName, organizationNameConflict } from "./organizationInput.ts";

const Input = z.object({
  organizationId: IdOf,
  name: OrganizationName.optional(),
  billingEmail: BillingEmail.optional(),
  isScimEnabled: Flag.optional(),
  allowEnhancedSupportAccess: Flag.optional(),
  shouldEnforceDedicatedClusters: Flag.optional(),
});

/** Changes the given properties of an Organization. Throws CONFLICT if the name is already in use. */
export async function updateOrganization(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { organizationId: id, ...given } = parse(Input, input);
  const data = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return ctx.db
    .$transaction(async (tx) => {
      await tx.organization.update({ where: { id }, data, select: { id: true } });
      await recordAudit(ctx, tx, {
        action: "updateOrganization",
        entityType: "Organization",
        entityId: id,
        detail: data,
      });
      return { id };
    })
    .catch(organizationNameConflict());
}
