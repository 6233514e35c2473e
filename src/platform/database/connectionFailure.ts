/** What PostgreSQL, pg and Node say about a connection that could not be opened. */
interface Failure {
  code?: string;
  message?: string;
  path?: string;
  syscall?: string;
}

/** Codes of Node for a certificate that no trusted authority has signed. */
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?)$/;

/** Other network errors, and the SQLSTATEs of a failed or rejected connection. */
const OTHER = /^(ECONN|EPIPE|EHOST|ENET|EAI_|08|28|3D|53|57P)/;

/**
 * Why the database at `url` could not be connected to and what the operator can do about it, beginning with the name of
 * the setting; undefined if `error` has another reason. Contains no password.
 */
export function connectionFailure(error: unknown, url: string): string | undefined {
  const reason = reasonOf(error as Failure, partsOf(url));
  return reason && `database.url (DATABASE_URL): ${reason}`;
}

function reasonOf({ code = "", message = "", path, syscall }: Failure, { host, hostname, user, name, files }: Parts) {
  const file = files.find(([, value]) => value === path);
  if (syscall === "open" && file) return `the file ${path} (${file[0]}) cannot be read: ${code}`;
  if (code === "ECONNREFUSED") {
    return `nothing accepts connections at ${host}; start PostgreSQL there, or correct the host and port`;
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `the host ${hostname} is unknown; correct its name`;
  if (code === "ETIMEDOUT" || /timeout expired|connection timeout/i.test(message)) {
    return `${host} did not respond in time; correct the host and port, or let the firewall pass connections to it`;
  }
  if (/does not support SSL/.test(message)) {
    return `${host} does not offer TLS; enable TLS in PostgreSQL, or remove sslmode and ssl from the URL`;
  }
  if (code === "28000" && /no encryption|SSL off/.test(message)) {
    return `${host} accepts encrypted connections only; add sslmode=verify-full to the URL`;
  }
  if (UNTRUSTED.test(code)) {
    return `the certificate of ${host} is not trusted (${code}); add sslrootcert=<file of its authority> to the URL`;
  }
  if (code === "CERT_HAS_EXPIRED") return `the certificate of ${host} has expired; renew it`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `the certificate of ${host} is for another host name; connect by a name that it contains`;
  }
  if (code === "28P01") return `${host} rejected the password of the user ${user}; correct user and password`;
  if (/client password must be a string/.test(message)) return `${host} requires a password for the user ${user}`;
  if (code === "3D000") return `there is no database ${name} at ${host}; create it, or correct its name`;
  if (code === "53300") return `${host} has no free connections; raise its max_connections or lower database.pool.max`;
  if (code === "57P03") return `${host} does not accept connections yet or any more: ${message}`;
  if (/unsupported startup parameter/.test(message)) {
    return `${host} is a connection pooler such as PgBouncer (${message}); connect to PostgreSQL directly`;
  }
  if (/terminated unexpectedly/.test(message)) {
    return `${host} closed the connection; check that PostgreSQL listens on this port`;
  }
  if (OTHER.test(code)) return `${host} rejected the connection or cannot be reached: ${message || code}`;
  return undefined;
}

type Parts = ReturnType<typeof partsOf>;

/** What a message may show of a URL. */
function partsOf(url: string) {
  const parsed = URL.canParse(url) ? new URL(url) : new URL("postgresql://unknown");
  const { host, hostname, username, pathname, searchParams } = parsed;
  const files = ["sslrootcert", "sslcert", "sslkey"].map((name) => [name, searchParams.get(name)] as const);
  return { host, hostname, user: decodeURIComponent(username), name: decodeURIComponent(pathname.slice(1)), files };
}
