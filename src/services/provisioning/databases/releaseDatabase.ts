import { createHash } from "node:crypto";
import pg from "pg";
import type { Config } from "../../../platform/config/config.ts";
import { helmReleaseName } from "../values/names.ts";
import type { ReleaseConnections, ReleaseKeys } from "../wanted/wanted.ts";

type Settings = Config["deployments"];

/** How long to connect to the server of the databases, and how long a statement may take. In milliseconds. */
const TIMEOUT = 10_000;

/** What PostgreSQL answers if another run created the same role or database at the same moment. */
const EXISTS = new Set(["42710", "42P04", "23505"]);

/** Bytes of a name in PostgreSQL. */
const MAX_NAME = 63;

/** The name of a release's database, and of the user it belongs to: `quasar-1234` has `quasar_1234_airflow`. */
export function databaseNameOf(releaseName: string): string {
  const name = `${releaseName.replaceAll("-", "_")}_airflow`;
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
  const { host, port } = settings.database.connection;
  const name = databaseNameOf(releaseName);
  const address = host.includes(":") ? `[${host}]` : host;
  const url = `postgresql://${name}:${keys.databasePassword}@${address}:${port}/${name}?sslmode=${sslmodeOf(settings)}`;
  return { metadata: url, resultBackend: `db+${url}`, broker };
}

/**
 * Creates the database and the user of a release where they are missing, and sets the user's password, so that all can be
 * repeated. Throws if the server cannot be reached or refuses.
 */
export async function ensureDatabase(
  settings: Settings,
  releaseName: string,
  { databasePassword }: ReleaseKeys,
): Promise<void> {
  const name = pg.escapeIdentifier(databaseNameOf(releaseName));
  const password = pg.escapeLiteral(databasePassword);
  await onServer(settings, async (client) => {
    const { rows } = await client.query<{ role: boolean; database: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AS role,
         EXISTS (SELECT 1 FROM pg_database WHERE datname = $1) AS database`,
      [databaseNameOf(releaseName)],
    );
    const [found] = rows;
    if (!found?.role) await evenIfExists(client.query(`CREATE ROLE ${name} LOGIN`));
    await client.query(`ALTER ROLE ${name} LOGIN PASSWORD ${password}`);
    if (found?.database) return;
    // A user who is no superuser may only give a database to a role of which it is a member.
    await client.query(`GRANT ${name} TO current_user`);
    await evenIfExists(client.query(`CREATE DATABASE ${name} OWNER ${name}`));
    await client.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${name} FROM PUBLIC`);
  });
}

/** Removes the database and the user of a release, also while pods are connected. */
export async function dropDatabase(settings: Settings, releaseName: string): Promise<void> {
  const name = pg.escapeIdentifier(databaseNameOf(releaseName));
  await onServer(settings, async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`DROP ROLE IF EXISTS ${name}`);
  });
}

async function evenIfExists(statement: Promise<unknown>): Promise<void> {
  await statement.catch((error: { code?: string }) => {
    if (!EXISTS.has(error.code ?? "")) throw error;
  });
}

async function onServer(settings: Settings, work: (client: pg.Client) => Promise<void>) {
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
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
