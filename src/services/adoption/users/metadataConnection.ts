import { lookup } from "node:dns/promises";
import pg from "pg";
import { mayConnect } from "../../../platform/outbound/addressPolicy.ts";

/** Milliseconds to connect, and for the statement. */
const TIMEOUT = 5_000;

/** The database cannot be read. The message says why, and quotes neither the connection nor what the server sent. */
export class UnreadableDatabase extends Error {}

/** How to reach a metadata database. */
interface Target {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** Of libpq; empty for its default. */
  sslmode: string;
}

/**
 * The rows of a statement in the metadata database of an Airflow. `url` is that of SQLAlchemy. Takes at most about 10 s.
 * Throws UnreadableDatabase.
 */
export async function queryMetadata<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const target = targetOf(url);
  const address = await addressOf(target.host);
  try {
    const isEncrypted = /^(require|verify-ca|verify-full)$/.test(target.sslmode);
    return await query<Row>(target, address, sql, isEncrypted).catch((error: unknown) => {
      // As libpq with sslmode=allow: a server may accept encrypted connections only.
      if (codeOf(error) === NOT_ADMITTED && !isEncrypted && target.sslmode !== "disable")
        return query<Row>(target, address, sql, true);
      throw error;
    });
  } catch (error) {
    throw new UnreadableDatabase(reasonOf(error));
  }
}

async function query<Row extends object>(target: Target, address: string, sql: string, isEncrypted: boolean) {
  const { host, sslmode, ...others } = target;
  const isVerified = sslmode.startsWith("verify");
  const client = new pg.Client({
    ...others,
    host: address,
    ...(isEncrypted && { ssl: { rejectUnauthorized: isVerified, servername: host } }),
    connectionTimeoutMillis: TIMEOUT,
    query_timeout: TIMEOUT,
    application_name: "houston",
  });
  // A connection that breaks fails the statement, too.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function targetOf(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^postgres(ql)?(\+\w+)?:$/.test(url.protocol)) {
    throw new UnreadableDatabase("its metadata database is no PostgreSQL");
  }
  const part = (value: string) => decodeURIComponent(value);
  try {
    return {
      host: part(url.hostname).replace(/^\[|\]$/g, ""),
      port: Number(url.port || 5432),
      user: part(url.username),
      password: part(url.password),
      database: part(url.pathname.slice(1)),
      sslmode: url.searchParams.get("sslmode") ?? "",
    };
  } catch {
    throw new UnreadableDatabase("the address of its metadata database is not valid");
  }
}

/** Names of services are found with the search domains of the pod, which only the system knows. */
async function addressOf(host: string): Promise<string> {
  const found = await within(TIMEOUT, lookup(host, { all: true })).catch((error: unknown) => {
    throw new UnreadableDatabase(`the host of its metadata database cannot be found (${codeOf(error) ?? "too late"})`);
  });
  const [first] = found;
  // Whoever writes the Secret of the connection chooses the host.
  if (!first || !found.every(({ address }) => mayConnect(address, "private"))) {
    throw new UnreadableDatabase("its metadata database is in a network that this platform must not connect to");
  }
  return first.address;
}

async function within<T>(limit: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("Too late")), limit);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const codeOf = (error: unknown): string | undefined => {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : undefined;
};

/** What PostgreSQL answers to a host, user or kind of connection that it has no rule for. */
const NOT_ADMITTED = "28000";

/** Errors of PostgreSQL, by their codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const reasons: Record<string, string> = {
  "28P01": "its metadata database does not accept the password",
  [NOT_ADMITTED]: "its metadata database does not accept the user from here",
  "3D000": "its metadata database does not exist",
  "42P01": "its metadata database has no tables of users",
  "42703": "its metadata database has other tables of users than expected",
  "42501": "its metadata database does not let the user read the tables of users",
};

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return reasons[code ?? ""] ?? `its metadata database cannot be read (${code ?? "no usable answer"})`;
}
