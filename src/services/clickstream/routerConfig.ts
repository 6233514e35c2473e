import { createHash } from "node:crypto";
import type { Credential } from "../../access/authenticate.ts";
import type { Services } from "../../access/context.ts";
import type { Roles } from "../../access/roles.ts";
import type { Tree } from "../../platform/config/tree.ts";
import { Statement } from "../../platform/database/statement.ts";
import { callerByKey } from "../../query/callerSql.ts";
import { rightsSql } from "../../query/rights.ts";
import { openDetails } from "./connectionDetails.ts";

/** What an event router needs to deliver the events of an Application. */
export interface RouterConfig {
  application: { id: string; name: string; platform: string; organizationId: string };
  /** By the time of their creation. */
  integrations: Integration<{ details: Tree }>[];
}

interface Integration<Details> {
  id: string;
  name: string;
  integrationCode: string;
  config: Tree;
  connection: { id: string; name: string; integrationCode: string } & Details;
}

/** A configuration whose details are still encrypted. */
export interface SealedConfig {
  /** Changes with everything that the configuration contains, and when details are encrypted again. */
  version: string;
  /** Decrypts the details. Throws if no key decrypts them. */
  open(): RouterConfig;
}

/** Finds the configuration of an Application; undefined if there is none for the caller. */
export type FindRouterConfig = (credential: Credential, applicationId: string) => Promise<SealedConfig | undefined>;

/** Goes into the version; to be raised when the same rows give another configuration. */
const FORM = 1;

const applicationIds = /^[0-9A-Za-z]{21}$/;

/**
 * Finds configurations for API keys that hold `organization.applications.config` on the Application's Organization. To
 * everyone else, and for unknown IDs, there is none. One statement reads caller, permissions and configuration.
 */
export function createFindRouterConfig({ pool, roles, secrets, lastUsed, now }: Services): FindRouterConfig {
  const statement = new Statement(statementFor(roles));
  return async (credential, applicationId) => {
    // Text with a NUL character cannot be sent to PostgreSQL.
    if (credential.kind !== "apiKey" || !applicationIds.test(applicationId)) return undefined;
    const { rows } = await pool.query<Row>(statement.query([credential.hash, applicationId]));
    const { caller, config: text } = rows[0] ?? { caller: null, config: null };
    if (caller !== null) lastUsed.touch(credential, caller, now());
    if (text === null) return undefined;
    statement.succeeded();
    return {
      version: createHash("sha256").update(`${FORM}\n${text}`).digest("base64url"),
      open() {
        const { application, integrations } = JSON.parse(text) as Sealed;
        return {
          application,
          integrations: integrations.map(({ connection: { details, ...connection }, ...integration }) => ({
            ...integration,
            connection: { ...connection, details: openDetails(secrets, connection.id, details) },
          })),
        };
      },
    };
  };
}

interface Row {
  /** ID of the service account; null if no key has the hash. */
  caller: string | null;
  /** JSON of `Sealed`. */
  config: string | null;
}

type Sealed = Pick<RouterConfig, "application"> & { integrations: Integration<{ details: string }>[] };

/** $1 hash of the API key, $2 ID of the Application. */
function statementFor(roles: Roles): string {
  const right = { permission: "organization.applications.config", organization: "organizationId" } as const;
  return `WITH ${callerByKey.ctes}
SELECT (SELECT id FROM caller) AS caller, (
  SELECT json_build_object(
    'application', json_build_object(
      'id', a.id, 'name', a.name, 'platform', a.platform, 'organizationId', a."organizationId"),
    'integrations', (
      SELECT coalesce(json_agg(json_build_object(
        'id', i.id, 'name', i.name, 'integrationCode', i."integrationCode", 'config', i."configPayload",
        'connection', json_build_object(
          'id', c.id, 'name', c.name, 'integrationCode', c."integrationCode", 'details', c.details)
      ) ORDER BY i."createdAt", i.id), '[]')
      FROM "Integration" i JOIN "Connection" c ON c.id = i."connectionId" WHERE i."applicationId" = a.id)
  )::text
  FROM "Application" a WHERE a.id = $2 AND ${rightsSql(roles, callerByKey).allowed([right], "a")}
) AS config`;
}
