import { createHash } from "node:crypto";
import pg from "pg";
import type { Config } from "../../../platform/config/config.ts";
import { helmReleaseName } from "../values/names.ts";
import type { ReleaseConnections, ReleaseKeys } from "../wanted/wanted.ts";
import { DatabaseServerError } from "./databaseServerError.ts";

type Settings = Config["deployments"];

/** How long to connect to the server of the databases, and how long a statement may take. In milliseconds. */
const TIMEOUT = 10_000;

/** Bytes of a name in PostgreSQL. */
const MAX_NAME = 63;

/** The name of a release's database, and of the user it belongs to: `quasar-1234` has `quasar_1234_airflow`. */
export function databaseNameOf(releaseName: string): string {
  const plain = `${releaseName.replaceAll("-", "_")}_airflow`;
  // PostgreSQL reserves names that begin with pg_. No release name begins with a hyphen, so these are free.
  const name = plain.startsWith("pg_") ? `_${plain}` : plain;
  if (name.length <= MAX_NAME) return name;
  // Shortened names must stay different.
  const digest = createHash("sha256").update(releaseName).digest("hex").slice(0, 8);
  return `${name.slice(0, MAX_NAME - digest.length - 1)}_${digest}`;
}

/** `deployments.helm.sslmode`, which is one of the free Helm values; without it, what PostgreSQL's clients do by default. */
function sslmodeOf(settings: Settings): string {
  const { helm } = settings as Settings & { helm?: { sslmode?: unknown } };
  return typeof helm?.sslmode === "string" ? helm.sslmode : "prefer";
}

/** Host and port of the server of the databases, as a URL has them. */
function addressOf({ database }: Settings): string {
  const { host, port } = database.connection;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * How the pods of a release connect to its database and its broker; null for a database while `deployments.database.enabled`
 * is false, when the operator names one.
 */
export function connectionsOf(
  settings: Settings,
  { releaseName, celery }: { releaseName: string; celery: boolean },
  keys: ReleaseKeys,
): ReleaseConnections {
  const broker = celery ? `redis://:${keys.redisPassword}@${helmReleaseName(releaseName)}-redis:6379/0` : null;
  if (!settings.database.enabled) return { metadata: null, resultBackend: null, broker };
  const name = databaseNameOf(releaseName);
  const at = `${name}:${keys.databasePassword}@${addressOf(settings)}`;
  const url = `postgresql://${at}/${name}?sslmode=${sslmodeOf(settings)}`;
  return { metadata: url, resultBackend: `db+${url}`, broker };
}

/** A release, and the Deployment that its database belongs to. */
interface Release {
  id: string;
  releaseName: string;
}

/** The comment on a user of the server that says whose it is, and its database: names are used again, data must not be. */
const ownedBy = (deploymentId: string) => `Houston Deployment ${deploymentId}`;

/**
 * Creates the database and the user of a release where they are missing, and sets the user's password, so that all can be
 * repeated. Returns false, and changes nothing, if the server has a user or a database of this name that is not the
 * Deployment's. Throws DatabaseServerError.
 */
export async function ensureDatabase(
  settings: Settings,
  { id, releaseName }: Release,
  { databasePassword }: ReleaseKeys,
): Promise<boolean> {
  const name = pg.escapeIdentifier(databaseNameOf(releaseName));
  const password = pg.escapeLiteral(databasePassword);
  return onServer(settings, async (client) => {
    const found = await findDatabase(client, releaseName);
    const isOurs = found.comment === ownedBy(id);
    if ((found.hasRole && !isOurs) || (found.hasDatabase && !found.isOwner)) return false;
    if (!found.hasRole) {
      // Both or neither, as one statement of the protocol is one transaction.
      await client.query(`CREATE ROLE ${name} LOGIN; COMMENT ON ROLE ${name} IS ${pg.escapeLiteral(ownedBy(id))}`);
    }
    await client.query(`ALTER ROLE ${name} LOGIN PASSWORD ${password}`);
    if (!found.hasDatabase) {
      // A user who is no superuser may only give a database to a role of which it is a member.
      await client.query(`GRANT ${name} TO current_user`);
      await client.query(`CREATE DATABASE ${name} OWNER ${name}`);
    }
    await client.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${name} FROM PUBLIC`);
    return true;
  });
}

/**
 * Removes the database and the user of a release, also while pods are connected; nothing if they are not the Deployment's.
 * Throws DatabaseServerError.
 */
export async function dropDatabase(settings: Settings, { id, releaseName }: Release): Promise<void> {
  const name = pg.escapeIdentifier(databaseNameOf(releaseName));
  await onServer(settings, async (client) => {
    const found = await findDatabase(client, releaseName);
    if (found.comment !== ownedBy(id)) return;
    if (found.isOwner) await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`DROP ROLE IF EXISTS ${name}`);
  });
}

interface FoundDatabase {
  hasRole: boolean;
  /** That of the user. */
  comment: string | null;
  hasDatabase: boolean;
  /** True if the database is the user's. */
  isOwner: boolean | null;
}

async function findDatabase(client: pg.Client, releaseName: string): Promise<FoundDatabase> {
  const { rows } = await client.query<FoundDatabase>(
    `SELECT r.oid IS NOT NULL AS "hasRole", shobj_description(r.oid, 'pg_authid') AS comment,
       d.oid IS NOT NULL AS "hasDatabase", d.datdba = r.oid AS "isOwner"
     FROM (SELECT $1::name AS name) n
     LEFT JOIN pg_roles r ON r.rolname = n.name LEFT JOIN pg_database d ON d.datname = n.name`,
    [databaseNameOf(releaseName)],
  );
  return rows[0] as FoundDatabase;
}

async function onServer<T>(settings: Settings, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { host, port, user, password, database } = settings.database.connection;
  const sslmode = sslmodeOf(settings);
  const client = new pg.Client({
    ...{ host, port, user, password, database },
    ...(/^(require|verify-ca|verify-full)$/.test(sslmode) && { ssl: { rejectUnauthorized: sslmode !== "require" } }),
    connectionTimeoutMillis: TIMEOUT,
    query_timeout: TIMEOUT,
    application_name: "houston provisioning",
  });
  // A connection that breaks fails the statement, too.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw new DatabaseServerError(addressOf(settings), error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
