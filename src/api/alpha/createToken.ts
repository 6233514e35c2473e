import type { Context } from "../../access/context.ts";
import type { MutationCreateTokenArgs } from "../../generated/alphaResolvers.ts";
import { badInput } from "../../platform/errors/appError.ts";
import { createToken as signIn } from "../../services/users/createToken.ts";
import { signedIn } from "./signedIn.ts";
import type { Done } from "./statusMessage.ts";

/** Signs a user in, by `username` or its other name `identity`. Throws as the use case does. */
export async function createToken(ctx: Context, args: MutationCreateTokenArgs): Promise<Done> {
  const username = args.username?.trim();
  const identity = args.identity?.trim();
  if (username && identity) throw badInput("identity", "cannot be combined with username");
  const name = username || identity;
  if (!name) throw badInput("username", "is required (an e-mail address or a username)");
  const user = await signIn(ctx, { identity: name, password: args.password });
  return { message: "Signed in", ...signedIn(user) };
}
