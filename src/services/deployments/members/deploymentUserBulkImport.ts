import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { asAppError } from "../../../platform/errors/asAppError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { toGraphQLError } from "../../../platform/errors/toGraphQLError.ts";
import { IdOf } from "../../../platform/input/input.ts";
import { assertUserManagement } from "../../users/assertUserManagement.ts";
import { scopeOf } from "./deploymentUserRole.ts";
import { ImportedUser, importUser } from "./importUser.ts";

/** Each user is several statements, and the answer must be there before clients give up. */
const MAX_USERS = 200;

const Input = z.object({
  deploymentId: IdOf,
  // Each user is read on its own, so that a bad one does not stop the others.
  users: z
    .array(z.looseObject({ email: z.string("needs a text") }))
    .max(MAX_USERS, `needs at most ${MAX_USERS} users; send the rest in another request`),
  bypassInvite: z.boolean().nullish(),
});

/** What became of one user of an import. */
export interface UserImportResult {
  email: string;
  userId: string | null;
  /** "active" or "pending" as the user is, "invited" when a mail went out, "failed" with `error`. */
  status: string;
  created: boolean;
  rolesAssigned: string[];
  inviteToken: null;
  error: string | null;
}

/**
 * Brings people into a Deployment and its Workspace, each in a transaction of its own: one who fails has `error` and the
 * others are there. Answers one row a user, in the order given. Throws BAD_USER_INPUT for more than 200, FEATURE_DISABLED
 * where users are not managed here.
 */
export async function deploymentUserBulkImport(ctx: Context, input: unknown): Promise<UserImportResult[]> {
  assertUserManagement(ctx);
  const { deploymentId, users, bypassInvite } = parse(Input, input);
  const scope = await scopeOf(ctx.db, deploymentId);
  const seen = new Set<string>();
  const results: UserImportResult[] = [];
  for (const given of users) {
    const row = { email: given.email, userId: null, created: false, rolesAssigned: [], inviteToken: null, error: null };
    try {
      const user = parse(ImportedUser, given);
      if (seen.has(user.email)) throw badInput("email", "is given twice");
      seen.add(user.email);
      results.push({ ...row, ...(await importUser(ctx, scope, user, bypassInvite === true)) });
    } catch (thrown) {
      if (!asAppError(thrown)) ctx.log.error({ err: thrown }, "a user could not be imported");
      results.push({ ...row, status: "failed", error: toGraphQLError(thrown).message });
    }
  }
  return results;
}
