import { AppError, badInput } from "../platform/errors/appError.ts";
import type { Context } from "./context.ts";
import type { ScopeRequest } from "./loadCaller.ts";
import { textAt } from "./rules.ts";

/** The header of the alpha API that names the Organization, and the `id` of rules that use it. */
export const HEADER = "organization";

/** The ID in the header. Throws BAD_USER_INPUT without the header. */
export function organizationOf({ organization }: Pick<Context, "organization">): string {
  if (organization) return organization;
  throw badInput(HEADER, "is required: send the ID of the Organization in the header `organization`");
}

/**
 * The Organization that the header names. Throws BAD_USER_INPUT without the header, and for an argument `orgId` that
 * names another one: the caller has a permission in the one, and would change the other.
 */
export function organizationRow(
  header: string | undefined,
  args: Record<string, unknown>,
): ScopeRequest & { path: string } {
  const organization = organizationOf({ organization: header });
  const argument = textAt(args, "orgId");
  if (argument !== undefined && argument !== organization)
    throw badInput("orgId", "must be the ID of the Organization in the header `organization`");
  return { kind: "ORGANIZATION", key: organization, column: "id", path: HEADER };
}

/** The error for an Organization that the caller does not belong to; an unknown one gets the same. */
export const notYours = () => new AppError("FORBIDDEN", `${HEADER}: you do not belong to this Organization`, HEADER);
