import type pg from "pg";
import type { Role } from "../generated/prisma/enums.ts";
import type { Credential } from "./authenticate.ts";
import { anonymous, type Binding, type Caller, type Scope } from "./authorize.ts";

/** A row whose scope decides, by its id; a Deployment may be named by its release name instead. */
export interface ScopeRequest {
  kind: "WORKSPACE" | "DEPLOYMENT" | "SERVICE_ACCOUNT" | "INVITE";
  key: string;
  byReleaseName?: boolean;
}

/** A found row's own scope. */
export interface FoundScope extends Scope {
  kind: ScopeRequest["kind"];
  id: string;
}

/** What one statement loads: the caller with their roles, and the scopes of the rows asked about. */
export interface LoadedCaller {
  /** Undefined when the credential is good in form but stands for nobody any more. */
  caller: Caller | undefined;
  scopes: ReadonlyMap<string, FoundScope>;
}

export const scopeKey = ({ kind, key, byReleaseName }: ScopeRequest) => `${kind}:${byReleaseName ? "name:" : ""}${key}`;

/** Where a session is good: $1 its id, $2 the user's id; `u` is the user. The one place that says so. */
export const validSession = `FROM "Session" s JOIN "User" u ON u.id = s."userId"
  WHERE s.id = $1 AND s."userId" = $2 AND s."expiresAt" > (now() AT TIME ZONE 'utc') AND u.status = 'active'`;

/** $1 session id, $2 user id, $3 key hash, $4 Workspace ids, $5 Deployment ids, $6 release names, $7 service account ids, $8 invite ids. */
const statement = {
  name: "loadCaller",
  text: `WITH caller AS (
  SELECT 'user' AS kind, u.id ${validSession}
  UNION ALL
  SELECT 'serviceAccount', a.id FROM "ServiceAccount" a WHERE a."keyHash" = $3 AND a.active
)
SELECT
  (SELECT json_build_object('kind', kind, 'id', id) FROM caller) AS caller,
  (SELECT json_agg(json_build_object('role', b.role, 'workspaceId', b."workspaceId", 'deploymentId', b."deploymentId"))
     FROM (
       SELECT o.* FROM "RoleBinding" o WHERE o."userId" = (SELECT id FROM caller WHERE kind = 'user')
       UNION ALL
       SELECT o.* FROM "TeamMember" m JOIN "RoleBinding" o ON o."teamId" = m."teamId"
       WHERE m."userId" = (SELECT id FROM caller WHERE kind = 'user')
       UNION ALL
       SELECT o.* FROM "RoleBinding" o WHERE o."serviceAccountId" = (SELECT id FROM caller WHERE kind = 'serviceAccount')
     ) b) AS bindings,
  (SELECT json_agg(json_build_object('kind', 'WORKSPACE', 'key', w.id, 'id', w.id, 'workspaceId', w.id))
     FROM "Workspace" w WHERE w.id = ANY($4::text[])) AS workspaces,
  (SELECT json_agg(json_build_object('kind', 'DEPLOYMENT', 'key', d.id,
       'id', d.id, 'workspaceId', d."workspaceId", 'deploymentId', d.id))
     FROM "Deployment" d WHERE d.id = ANY($5::text[]) AND d."deletedAt" IS NULL) AS deployments,
  (SELECT json_agg(json_build_object('kind', 'DEPLOYMENT', 'key', d."releaseName", 'byReleaseName', true,
       'id', d.id, 'workspaceId', d."workspaceId", 'deploymentId', d.id))
     FROM "Deployment" d WHERE d."releaseName" = ANY($6::text[]) AND d."deletedAt" IS NULL) AS releases,
  (SELECT json_agg(json_build_object('kind', 'SERVICE_ACCOUNT', 'key', a.id, 'id', a.id,
       'workspaceId', coalesce(a."workspaceId", d."workspaceId"), 'deploymentId', a."deploymentId"))
     FROM "ServiceAccount" a LEFT JOIN "Deployment" d ON d.id = a."deploymentId" WHERE a.id = ANY($7::text[])) AS accounts,
  (SELECT json_agg(json_build_object('kind', 'INVITE', 'key', i.id, 'id', i.id, 'workspaceId', i."workspaceId"))
     FROM "Invite" i WHERE i.id = ANY($8::text[])) AS invites`,
};

type Found = FoundScope & ScopeRequest;

interface Row {
  caller: { kind: "user" | "serviceAccount"; id: string } | null;
  bindings: Binding[] | null;
  workspaces: Found[] | null;
  deployments: Found[] | null;
  releases: Found[] | null;
  accounts: Found[] | null;
  invites: Found[] | null;
}

/** Loads caller, roles and scopes in one statement; runs none when there is nothing to look up. */
export async function loadCaller(
  pool: pg.Pool,
  credential: Credential,
  requests: readonly ScopeRequest[],
): Promise<LoadedCaller> {
  if (credential.kind === "bad") return { caller: undefined, scopes: new Map() };
  // Anonymous callers are refused before a row matters, so nothing tells them whether it exists.
  if (credential.kind === "none") return { caller: anonymous, scopes: new Map() };
  const keys = (kind: ScopeRequest["kind"], byReleaseName = false) =>
    requests.filter((one) => one.kind === kind && (one.byReleaseName ?? false) === byReleaseName).map(({ key }) => key);
  const session = credential.kind === "session" ? credential : undefined;
  const values = [
    session?.sessionId ?? null,
    session?.userId ?? null,
    credential.kind === "apiKey" ? credential.hash : null,
    keys("WORKSPACE"),
    keys("DEPLOYMENT"),
    keys("DEPLOYMENT", true),
    keys("SERVICE_ACCOUNT"),
    keys("INVITE"),
  ];
  const { rows } = await pool.query<Row>({ ...statement, values });
  const row = rows[0];
  const found = [row?.workspaces, row?.deployments, row?.releases, row?.accounts, row?.invites].flatMap(
    (part) => part ?? [],
  );
  const scopes = new Map(found.map((scope) => [scopeKey(scope), scope]));
  if (!row?.caller) return { caller: undefined, scopes };
  const { kind, id } = row.caller;
  return { caller: { kind, id, bindings: withUserRole(kind, row.bindings ?? []), ...sessionOf(session) }, scopes };
}

const sessionOf = (session: { sessionId: string } | undefined) => (session ? { sessionId: session.sessionId } : {});

/** USER is bound to every person and to system-level service accounts, without a row of its own. */
function withUserRole(kind: "user" | "serviceAccount", bindings: Binding[]): Binding[] {
  const system = bindings.some(({ workspaceId, deploymentId }) => workspaceId === null && deploymentId === null);
  if (kind === "serviceAccount" && !system) return bindings;
  return [...bindings, { role: "USER" as Role, workspaceId: null, deploymentId: null }];
}
