import { validSession } from "../access/loadCaller.ts";
import { NOBODY } from "./rights.ts";

/**
 * How a statement knows its caller: the CTEs that find them and their roles, what stands for their id in conditions, and
 * how many parameters that takes.
 */
export interface CallerSql {
  /** The caller's id as a user, and as a service account; NULL for the other one. */
  user: string;
  serviceAccount: string;
  /** Their role bindings as `b`, own ones and each team's, as FROM and WHERE to go on with; where `caller` is a row. */
  bindings: readonly string[];
  /** How audit entries name the caller; where `caller` is a row. */
  actor: string;
  /** Ends with `held`: the caller's roles (role, "workspaceId", "deploymentId"), read afresh: a changed role counts at once. */
  ctes: string;
  params: number;
}

/** What a user holds through the teams they are in. */
const ofTeams = (user: string) => `SELECT b.role::text, b."workspaceId", b."deploymentId"
  FROM "TeamMember" m JOIN "RoleBinding" b ON b."teamId" = m."teamId" WHERE m."userId" = ${user}`;

/** USER has no rows; every person holds it, and so does a system-level service account. */
const held = (user: string, serviceAccount: string) => `held AS MATERIALIZED (
  SELECT role::text AS role, "workspaceId", "deploymentId" FROM "RoleBinding" WHERE "userId" = ${user}
  UNION ALL
  ${ofTeams(user)}
  UNION ALL
  SELECT role::text, "workspaceId", "deploymentId" FROM "RoleBinding" WHERE "serviceAccountId" = ${serviceAccount}
  UNION ALL
  SELECT 'USER', NULL, NULL WHERE ${user} IS NOT NULL OR EXISTS (
    SELECT 1 FROM "RoleBinding"
    WHERE "serviceAccountId" = ${serviceAccount} AND "workspaceId" IS NULL AND "deploymentId" IS NULL)
)`;

/** A caller who is known already: $1 the user's id or null, $2 the service account's id or null. */
export const knownCaller: CallerSql = {
  user: "$1::text",
  serviceAccount: "$2::text",
  bindings: [],
  actor: `CASE WHEN $1::text IS NOT NULL THEN 'user:' || $1::text ELSE 'serviceAccount:' || $2::text END`,
  ctes: held("$1::text", "$2::text"),
  params: 2,
};

/** The user of a good session: $1 its id, $2 the user's id. */
export const callerBySession: CallerSql = {
  user: "(SELECT id FROM caller)",
  serviceAccount: NOBODY,
  bindings: [
    `FROM "RoleBinding" b WHERE b."userId" = caller.id`,
    `FROM "TeamMember" m JOIN "RoleBinding" b ON b."teamId" = m."teamId" WHERE m."userId" = caller.id`,
  ],
  actor: `'user:' || caller.id`,
  ctes: `caller AS MATERIALIZED (
  SELECT u.id ${validSession}
), held AS MATERIALIZED (
  SELECT role::text AS role, "workspaceId", "deploymentId" FROM "RoleBinding" WHERE "userId" = (SELECT id FROM caller)
  UNION ALL
  ${ofTeams("(SELECT id FROM caller)")}
  UNION ALL
  SELECT 'USER', NULL, NULL FROM caller
)`,
  params: 2,
};

/** The owner of an API key: $1 its hash. */
export const callerByKey: CallerSql = {
  user: NOBODY,
  serviceAccount: "(SELECT id FROM caller)",
  bindings: [`FROM "RoleBinding" b WHERE b."serviceAccountId" = caller.id`],
  actor: `'serviceAccount:' || caller.id`,
  ctes: `caller AS MATERIALIZED (
  SELECT a.id FROM "ServiceAccount" a WHERE a."keyHash" = $1 AND a.active
), held AS MATERIALIZED (
  SELECT role::text AS role, "workspaceId", "deploymentId" FROM "RoleBinding"
  WHERE "serviceAccountId" = (SELECT id FROM caller)
  UNION ALL
  SELECT 'USER', NULL, NULL FROM "RoleBinding"
  WHERE "serviceAccountId" = (SELECT id FROM caller) AND "workspaceId" IS NULL AND "deploymentId" IS NULL
)`,
  params: 1,
};
