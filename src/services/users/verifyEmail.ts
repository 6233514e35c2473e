import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { EmailAddress } from "../../platform/input/input.ts";
import { activateUser } from "./activateUser.ts";

const Input = z.object({ email: EmailAddress });

/**
 * Marks an address as verified, as if its user had followed the link in the mail: a pending user becomes active and gets
 * the roles the address is invited to. Answers true, also when it was verified before. Throws NOT_FOUND for an unknown one.
 */
export async function verifyEmail(ctx: Context, input: unknown): Promise<true> {
  const { email: address } = parse(Input, input);
  await ctx.db.$transaction(async (tx) => {
    const [found] = await tx.$queryRaw<{ userId: string }[]>`SELECT "userId" FROM "Email"
      WHERE address = ${address} FOR UPDATE`;
    if (!found) throw new AppError("NOT_FOUND", "email: nobody has signed up with this address", "email");
    const { userId } = found;
    await activateUser(ctx, tx, { userId, address });
    await recordAudit(ctx, tx, {
      action: "verifyEmail",
      entityType: "User",
      entityId: userId,
      detail: { email: address },
    });
  });
  return true;
}
