import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress } from "../../platform/input/input.ts";
import { existing } from "../../query/existing.ts";
import { assertUserManagement } from "../users/assertUserManagement.ts";
import { lockUser } from "../users/lockUser.ts";
import { lockAddress, storeInvite } from "./storeInvite.ts";

const Input = z.object({ email: EmailAddress });

/**
 * Invites an address to the platform by e-mail; inviting it again renews the link. Throws CONFLICT if an active user
 * has the address, FEATURE_DISABLED if users are not managed in Houston.
 */
export async function inviteUser(ctx: Context, input: unknown): Promise<{ id: string }> {
  assertUserManagement(ctx);
  const { email } = parse(Input, input);
  return ctx.db.$transaction(async (tx) => {
    await lockAddress(tx, email);
    const user = await lockUser(tx, { email });
    // Someone else may have signed up with the address of a pending user.
    if (user?.status === "active") {
      throw new AppError("CONFLICT", "email: a user with this e-mail address already exists", "email", {
        existing: existing("User", { id: user.id }),
      });
    }
    const { id } = await storeInvite(ctx, tx, { email, workspace: null });
    await recordAudit(ctx, tx, { action: "inviteUser", entityType: "Invite", entityId: id, detail: { email } });
    return { id };
  });
}
