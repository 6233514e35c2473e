import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { lockUser, userNotFound } from "../users/lockUser.ts";
import { BillingEmail, OrganizationName, organizationNameConflict } from "./organizationInput.ts";

const Input = z.object({ name: OrganizationName, billingEmail: BillingEmail.optional() });

/** Who becomes Owner of a new Organization; `argument` identified them. */
export interface FirstOwner {
  id: string;
  argument: string;
}

/**
 * Creates an Organization without Workspaces, and without people unless `owner` is given. Throws CONFLICT if the name is
 * already in use, NOT_FOUND for an unknown `owner`, BAD_USER_INPUT for one whose e-mail address is not confirmed.
 */
export async function createOrganization(ctx: Context, input: unknown, owner?: FirstOwner): Promise<{ id: string }> {
  const { name, billingEmail = "" } = parse(Input, input);
  const author = actorOf(ctx);
  return ctx.db
    .$transaction(async (tx) => {
      if (owner) {
        const user = await lockUser(tx, { id: owner.id });
        if (!user) throw userNotFound(owner.argument);
        if (user.status !== "active") throw badInput(owner.argument, "must be the ID of an active user");
      }
      const roleBindings = owner ? { create: { userId: owner.id, role: "ORGANIZATION_OWNER" as const } } : {};
      const data = { name, billingEmail, createdBy: author, updatedBy: author, roleBindings };
      const { id } = await tx.organization.create({ data, select: { id: true } });
      await recordAudit(ctx, tx, {
        action: "createOrganization",
        entityType: "Organization",
        entityId: id,
        detail: { name, ...(owner && { ownerId: owner.id }) },
      });
      return { id };
    })
    .catch(organizationNameConflict());
}
