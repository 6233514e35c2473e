import { z } from "zod";
import { authorize } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { createOrganization } from "./createOrganization.ts";

const Input = z.object({ name: z.unknown(), userId: optional(z.string("must be the ID of a user")) });

/**
 * Creates an Organization of which the caller becomes Owner, or with `system.organizations.create` another user. Throws
 * FORBIDDEN for another user without that permission, BAD_USER_INPUT for a service account that names no user, and
 * otherwise as `createOrganization`.
 */
export async function createOwnOrganization(ctx: Context, input: unknown): Promise<{ id: string }> {
  const { name, userId } = parse(Input, input);
  const own = ctx.caller.kind === "user" ? ctx.caller.id : undefined;
  const id = userId ?? own;
  if (id === undefined) throw badInput("userId", "is required for API keys (ID of the user who becomes Owner)");
  if (id !== own && !authorize(ctx.roles, ctx.caller, ["system.organizations.create"])) {
    throw new AppError("FORBIDDEN", "userId: must be your own ID", "userId", {
      permission: ["system.organizations.create"],
    });
  }
  return createOrganization(ctx, { name }, { id, argument: "userId" });
}
