import type pg from "pg";

/**
 * The time zone of every session. Timestamp columns hold UTC without a zone: CURRENT_TIMESTAMP in a default, `now()`
 * and parameters without an offset follow the session, and the database or the role may have another default.
 */
const ZONE = "TimeZone=UTC";

/** PostgreSQL settings of the sessions that serve requests and run jobs. */
const SETTINGS = [
  ZONE,
  // Each statement of a transaction must see what was committed before it, especially revoked roles.
  "default_transaction_isolation=read\\ committed",
  // Pages come from memory or SSDs. With the default, PostgreSQL scans small tables instead of using their indexes.
  "random_page_cost=1.1",
  "plan_cache_mode=force_generic_plan",
  "enable_seqscan=off",
  // Joined rows are looked up by ID, which is cheaper than caching them.
  "enable_memoize=off",
];

const asOptions = (settings: readonly string[]) => settings.map((setting) => `-c ${setting}`).join(" ");

/** As the startup parameter `options`. */
export const SESSION_OPTIONS = asOptions(SETTINGS);

/** Only the time zone, for connections that migrate or listen. */
export const ZONE_OPTIONS = asOptions([ZONE]);

/**
 * Connects to `url` with `options`. Options in the URL are kept, and ours come last, so they take precedence: pg alone
 * would let those in the URL replace ours.
 */
export function sessionSettings(url: string, options: string): Pick<pg.ClientConfig, "connectionString" | "options"> {
  const query = url.indexOf("?");
  if (query < 0) return { connectionString: url, options };
  const parameters = new URLSearchParams(url.slice(query + 1));
  const given = parameters.get("options");
  if (given === null) return { connectionString: url, options };
  parameters.delete("options");
  return { connectionString: `${url.slice(0, query)}?${parameters}`, options: `${given} ${options}` };
}

/**
 * Throws an error for the operator if the session of `client` is not in UTC: a connection pooler between Houston and
 * PostgreSQL can drop startup parameters, and then times would be stored shifted.
 */
export async function assertUtc(client: Pick<pg.ClientBase, "query">): Promise<void> {
  const { rows } = await client.query<{ zone: string }>("SELECT current_setting('TimeZone') AS zone");
  const zone = rows[0]?.zone;
  if (zone === "UTC") return;
  throw new Error(
    `database.url (DATABASE_URL): sessions are in the time zone ${zone} although Houston requests UTC. A connection ` +
      "pooler such as PgBouncer drops the startup parameter `options`; connect to PostgreSQL directly",
  );
}
