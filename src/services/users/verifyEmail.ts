import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress } from "../../platform/input/input.ts";
import { activateUser } from "./activateUser.ts";
import { assertUserManagement } from "./assertUserManagement.ts";
import { lockByAddress } from "./claimPending.ts";

const Input = z.object({ email: EmailAddress });

/**
 * Marks an address as verified, as if its user had opened the link in the e-mail: a pending user becomes active and
 * gets the roles of the address's invitations. Returns true, also if it was already verified, and false if no user has
 * the address. Throws FEATURE_DISABLED if users are not managed in Houston.
 */
export async function verifyEmail(ctx: Context, input: unknown): Promise<boolean> {
  assertUserManagement(ctx);
  const { email: address } = parse(Input, input);
  return ctx.db.$transaction(async (tx) => {
    const found = await lockByAddress(tx, address);
    if (!found) return false;
    const userId = found.id;
    await activateUser(ctx, tx, { userId, address, password: "before" });
    await recordAudit(ctx, tx, {
      action: "verifyEmail",
      entityType: "User",
      entityId: userId,
      detail: { email: address },
    });
    return true;
  });
}
