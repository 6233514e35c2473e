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

/** Each user needs several statements, and the request must finish before clients time out. */
const MAX_USERS = 200;

const Input = z.object({
  deploymentId: IdOf,
  // Each user is parsed separately, so that an invalid one does not stop the others.
  users: z
    .array(z.looseObject({ email: z.string("must be a string") }))
    .max(MAX_USERS, `must be a list of at most ${MAX_USERS} users; send the rest in another request`),
  bypassInvite: z.boolean().nullish(),
});

/** The result of importing one user. */
export interface UserImportResult {
  email: string;
  userId: string | null;
  /** "active" or "pending" for a user, "invited" if an e-mail was queued, "failed" with `error`. */
  status: string;
  created: boolean;
  rolesAssigned: string[];
  /** Token of the invitation if no e-mail reaches the address. */
  inviteToken: string | null;
  error: string | null;
}

/**
 * Adds users to a Deployment and its Workspace, each in its own transaction: one that fails has `error` and the others
 * are added. Returns one row per user, in the given order. Throws BAD_USER_INPUT for more than 200 users,
 * FEATURE_DISABLED if users are not managed in Houston.
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
      if (seen.has(user.email)) throw badInput("email", "is a duplicate");
      seen.add(user.email);
      results.push({ ...row, ...(await importUser(ctx, scope, user, bypassInvite === true)) });
    } catch (thrown) {
      if (!asAppError(thrown)) ctx.log.error({ err: thrown }, "Could not import a user");
      results.push({ ...row, status: "failed", error: toGraphQLError(thrown).message });
    }
  }
  return results;
}
