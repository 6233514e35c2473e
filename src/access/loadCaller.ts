import type pg from "pg";
import type { Credential } from "./authenticate.ts";
import { anonymous, type Binding, type Caller, type Scope } from "./authorize.ts";
import { heldSql } from "./bindingsSql.ts";
import { houstonReach, type Reach } from "./reach.ts";
import { rowSql, type ScopeKind, type ScopeKindName, scopeKinds, scopeSql } from "./scopeKinds.ts";
import { memberSql } from "./scopePaths.ts";
import { accountByKey } from "./validKey.ts";

/** A row whose scope is needed, identified by the value of one of its columns. */
export interface ScopeRequest {
  kind: ScopeKindName;
  key: string;
  /** The column that equals `key`: "id", or another that identifies such rows. */
  column: string;
}

/** The scope of a row that was found, with its enclosing scopes. */
export interface FoundScope extends Scope {
  id: string;
  /** Of an Organization: whether the caller belongs to it. */
  isMember?: boolean;
}

/** What one statement loads: the caller with their roles, and the scopes of the requested rows. */
export interface LoadedCaller {
  /** Undefined if the credential is well-formed but its session or key no longer exists. */
  caller: Caller | undefined;
  scopes: ReadonlyMap<string, FoundScope>;
  /** Milliseconds until the session or the key expires; undefined if it does not. */
  validFor?: number | undefined;
}

export const scopeKey = ({ kind, key, column }: ScopeRequest) => `${kind}:${column}:${key}`;

/** The condition for a valid session, as FROM and WHERE: $1 its ID, $2 the user's ID; `u` is the user. Defined only here. */
export const validSession = `FROM "Session" s JOIN "User" u ON u.id = s."userId"
  WHERE s.id = $1 AND s."userId" = $2 AND s."expiresAt" > (now() AT TIME ZONE 'utc') AND u.status = 'active'`;

/** A column by which rows of a kind can be requested. */
type Lookup = Pick<ScopeRequest, "kind" | "column">;

/**
 * The statement that loads a caller, and its lookups. Parameters: $1 session ID, $2 user ID, $3 key hash, then the
 * requested values of each lookup.
 */
export function callerStatement(
  reach: Reach = houstonReach,
  kinds: { readonly [kind: string]: ScopeKind } = scopeKinds,
): { text: string; lookups: readonly Lookup[] } {
  const columns = Object.entries(kinds).flatMap(([kind, rule]) =>
    ["id", ...(rule.alsoNamedBy ?? [])].map((column) => ({ kind: kind as ScopeKindName, column, rule })),
  );
  const found = columns.map(({ column, rule }, n) => {
    const ids = scopeSql(rule, "r", reach).map((one) => `, '${one.column}', ${one.id}`);
    const member = rule.table === "Organization" ? `, 'isMember', ${memberSql("r.id", reach)}` : "";
    return `(SELECT json_agg(json_build_object('key', r."${column}", 'id', r.id${ids.join("")}${member}))
     ${rowSql(rule, "r", column, `= ANY($${n + 4}::text[])`)})`;
  });
  const id = (kind: Caller["kind"]) => `(SELECT id FROM caller WHERE kind = '${kind}')`;
  const text = `WITH caller AS (
  SELECT 'user' AS kind, u.id, s."expiresAt" ${validSession}
  UNION ALL
  SELECT 'serviceAccount', k.id, k."expiresAt" FROM (${accountByKey("$3")}) k
), ${heldSql({ user: id("user"), serviceAccount: id("serviceAccount") }, reach)}
SELECT
  (SELECT json_build_object('kind', kind, 'id', id) FROM caller) AS caller,
  (SELECT extract(epoch FROM "expiresAt" - (now() AT TIME ZONE 'utc'))::float8 * 1000 FROM caller) AS "validFor",
  (SELECT json_agg(held) FROM held) AS bindings,
  json_build_array(
    ${found.join(",\n    ")}
  ) AS scopes`;
  return { text, lookups: columns.map(({ kind, column }) => ({ kind, column })) };
}

const houstonStatement = callerStatement();

interface Row {
  caller: { kind: "user" | "serviceAccount"; id: string } | null;
  bindings: Binding[] | null;
  validFor: number | null;
  /** The rows found by each lookup; `key` is the value that was requested. */
  scopes: ((FoundScope & { key: string })[] | null)[];
}

/** Loads caller, roles and scopes in one statement; runs none if there is nothing to look up. */
export async function loadCaller(
  pool: pg.Pool,
  credential: Credential,
  requests: readonly ScopeRequest[],
  { text, lookups } = houstonStatement,
): Promise<LoadedCaller> {
  if (credential.kind === "bad") return { caller: undefined, scopes: new Map() };
  // Anonymous callers are denied before a row matters, so the response does not reveal whether it exists.
  if (credential.kind === "none") return { caller: anonymous, scopes: new Map() };
  const session = credential.kind === "session" ? credential : undefined;
  const values = [
    session?.sessionId ?? null,
    session?.userId ?? null,
    credential.kind === "apiKey" ? credential.hash : null,
    ...lookups.map(({ kind, column }) =>
      requests.filter((one) => one.kind === kind && one.column === column).map(({ key }) => key),
    ),
  ];
  const { rows } = await pool.query<Row>({ name: "loadCaller", text, values });
  const [row] = rows;
  const scopes = new Map(
    lookups.flatMap((lookup, n) =>
      (row?.scopes[n] ?? []).map(({ key, ...scope }) => [scopeKey({ ...lookup, key }), scope]),
    ),
  );
  if (!row?.caller) return { caller: undefined, scopes };
  const caller = { ...row.caller, bindings: row.bindings ?? [], ...sessionOf(session) };
  return { caller, scopes, validFor: row.validFor ?? undefined };
}

const sessionOf = (session: { sessionId: string } | undefined) => (session ? { sessionId: session.sessionId } : {});
