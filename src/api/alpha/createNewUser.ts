import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { MutationCreateNewUserArgs } from "../../generated/alphaResolvers.ts";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { createUser } from "../../services/users/createUser.ts";
import { FullName } from "../../services/users/userInput.ts";
import { signedIn } from "./signedIn.ts";
import type { Done } from "./statusMessage.ts";

/** A first name, a space and a last name fit into a full name of 200 characters. */
const NAME = "must be a string of at most 99 characters";
const COMPANY = "must be a string of at most 200 characters";

const Name = FullName.max(99, NAME);
const Input = z.object({
  profile: z
    .object({ firstName: optional(Name), lastName: optional(Name), company: optional(FullName.max(200, COMPANY)) })
    .nullish(),
});

/** Signs a user up; their full name is their first and last name. Throws as the use case does. */
export async function createNewUser(ctx: Context, args: MutationCreateNewUserArgs): Promise<Done> {
  const { email, password } = args;
  const { firstName, lastName, company } = parse(Input, { profile: args.profile }).profile ?? {};
  const fullName = [firstName, lastName].filter(Boolean).join(" ");
  const values = Object.entries({ firstName, lastName, company }).filter(([, value]) => value !== undefined);
  const profile = { ...Object.fromEntries(values), fullName };
  const user = await createUser(ctx, { email, password, profile });
  const message = user.token
    ? "User created"
    : "User created; confirm the e-mail address with the link in the e-mail, then sign in with createToken";
  return { message, id: user.caller.id, ...signedIn(user) };
}
