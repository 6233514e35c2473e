import type { Credential } from "../../access/authenticate.ts";
import type { Binding, Scope } from "../../access/authorize.ts";
import { heldSql } from "../../access/bindingsSql.ts";
import { validSession } from "../../access/loadCaller.ts";
import { rowSql, scopeKinds, scopeSql } from "../../access/scopeKinds.ts";
import { accountByKey } from "../../access/validKey.ts";
import type { QueryRunner } from "../../platform/database/queryRunner.ts";

/** Who asks for a page of Airflow, what they hold, and where the Deployment is. */
export interface Visitor {
  kind: "user" | "serviceAccount";
  id: string;
  /** Of a service account: its label. */
  name: string;
  username: string | null;
  email: string | null;
  /** Milliseconds until the session or the key expires; null: it does not. */
  validFor: number | null;
  bindings: Binding[];
  /** Undefined if no such Deployment exists. */
  deployment: VisitedDeployment | undefined;
}

/** Where a Deployment is. */
export interface VisitedDeployment extends Scope {
  /** Of its cluster; null: that of the platform. */
  domain: string | null;
}

interface Row extends Omit<Visitor, "bindings" | "deployment"> {
  bindings: Binding[] | null;
  deployment: VisitedDeployment | null;
}

const rule = scopeKinds.DEPLOYMENT;
const scope = scopeSql(rule, "r").map(({ column, id }) => `'${column}', ${id}`);
const domain = `'domain', (SELECT c."baseDomain" FROM "Cluster" c WHERE c.id = r."clusterId")`;
const idOf = (kind: Visitor["kind"]) => `(SELECT id FROM caller WHERE kind = '${kind}')`;

/** $1 session ID, $2 user ID, $3 key hash, $4 release name. */
const STATEMENT = `WITH caller AS (
  SELECT 'user' AS kind, u.id, u."fullName" AS name, u.username,
    (SELECT e.address FROM "Email" e WHERE e."userId" = u.id ORDER BY e.primary DESC, e."createdAt" LIMIT 1) AS email,
    s."expiresAt"
  ${validSession}
  UNION ALL
  SELECT 'serviceAccount', a.id, a.label, NULL, NULL, k."expiresAt"
  FROM (${accountByKey("$3")}) k JOIN "ServiceAccount" a ON a.id = k.id
), ${heldSql({ user: idOf("user"), serviceAccount: idOf("serviceAccount") })}
SELECT caller.kind, caller.id, caller.name, caller.username, caller.email,
  extract(epoch FROM caller."expiresAt" - (now() AT TIME ZONE 'utc'))::float8 * 1000 AS "validFor",
  (SELECT json_agg(held) FROM held) AS bindings,
  (SELECT json_build_object(${[...scope, domain].join(", ")}) ${rowSql(rule, "r", "releaseName", "= $4")}) AS deployment
FROM caller`;

/** Reads all of it in one statement, so that a lost role counts with the next request. Undefined: a bad credential. */
export async function loadVisitor(
  reads: QueryRunner,
  credential: Extract<Credential, { kind: "session" | "apiKey" }>,
  releaseName: string | null,
): Promise<Visitor | undefined> {
  const session = credential.kind === "session" ? credential : undefined;
  const hash = credential.kind === "apiKey" ? credential.hash : null;
  const values = [session?.sessionId ?? null, session?.userId ?? null, hash, releaseName];
  const { rows } = await reads.query<Row>({ name: "loadVisitor", text: STATEMENT, values });
  const [row] = rows;
  return row && { ...row, bindings: row.bindings ?? [], deployment: row.deployment ?? undefined };
}
