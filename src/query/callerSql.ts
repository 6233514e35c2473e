import type { Caller } from "../access/authorize.ts";
import { bindingsOf, heldSql } from "../access/bindingsSql.ts";
import { validSession } from "../access/loadCaller.ts";
import { accountByKey } from "../access/validKey.ts";
import { NOBODY } from "./rights.ts";

/**
 * How a statement loads its caller: CTEs for the caller and their roles, SQL expressions for the caller's ID, and the
 * number of parameters.
 */
export interface CallerSql {
  /** The caller's ID as a user, and as a service account; NULL for a caller of the other kind. */
  user: string;
  serviceAccount: string;
  /** The caller's role bindings `b`, as FROM and WHERE clauses to be continued, next to a row of `caller`. */
  bindings: readonly string[];
  /** The actor of audit entries, next to a row of `caller`. */
  actor: string;
  /** Ends with `held`: see bindingsSql.ts. */
  ctes: string;
  params: number;
}

/** The caller's ID, in a statement with the CTE `caller` but outside its FROM clause. */
const idOfCaller = "(SELECT id FROM caller)";

/** A caller who has been loaded: $1 the user's ID or null, $2 the service account's ID or null. */
export const knownCaller: CallerSql = {
  user: "$1::text",
  serviceAccount: "$2::text",
  bindings: [],
  actor: `CASE WHEN $1::text IS NOT NULL THEN 'user:' || $1::text ELSE 'serviceAccount:' || $2::text END`,
  ctes: heldSql({ user: "$1::text", serviceAccount: "$2::text" }),
  params: 2,
};

/** The values of its parameters. */
export const knownCallerValues = ({ kind, id }: Caller): (string | null)[] => [
  kind === "user" ? id : null,
  kind === "serviceAccount" ? id : null,
];

/** The user of a valid session: $1 its ID, $2 the user's ID. */
export const callerBySession: CallerSql = {
  user: idOfCaller,
  serviceAccount: NOBODY,
  bindings: bindingsOf({ user: "caller.id" }),
  actor: `'user:' || caller.id`,
  ctes: `caller AS MATERIALIZED (
  SELECT u.id ${validSession}
), ${heldSql({ user: idOfCaller })}`,
  params: 2,
};

/** The service account of an API key: $1 the hash of the key. */
export const callerByKey: CallerSql = {
  user: NOBODY,
  serviceAccount: idOfCaller,
  bindings: bindingsOf({ serviceAccount: "caller.id" }),
  actor: `'serviceAccount:' || caller.id`,
  ctes: `caller AS MATERIALIZED (
  ${accountByKey("$1")}
), ${heldSql({ serviceAccount: idOfCaller })}`,
  params: 1,
};
