import type { Logger } from "pino";
import type { Config } from "../config/config.ts";

/** Logs why Houston could not start, prints the reason in one line to standard error, and exits with code 1. */
export function startFailed(error: unknown, config: Config, log: Logger): never {
  log.fatal({ err: error }, "Houston did not start");
  process.stderr.write(`\nHouston did not start: ${reasonOf(error, config)}\n`);
  process.exit(1);
}

type Failure = NodeJS.ErrnoException & { port?: number; hostname?: string };

/** Why Houston could not start, and what the operator can do about it. */
function reasonOf(error: unknown, { webserver, database }: Config): string {
  const { code, syscall, message, port, hostname } = error as Failure;
  if ((syscall === "listen" && code === "EADDRNOTAVAIL") || hostname === webserver.host) {
    return `this machine has no address ${webserver.host}; set webserver.host (WEBSERVER__HOST)`;
  }
  if (syscall === "listen" && port !== undefined) {
    const setting =
      port === webserver.operationsPort
        ? "webserver.operationsPort (WEBSERVER__OPERATIONS_PORT)"
        : "webserver.port (WEBSERVER__PORT)";
    if (code === "EADDRINUSE")
      return `port ${port} is already in use; stop the program that listens on it, or set ${setting} to another port`;
    return `cannot listen on port ${port} (${code}); set ${setting} to another port`;
  }
  if (database.url && code !== undefined && fromDatabase(code)) {
    // Without user and password.
    return `the PostgreSQL at ${new URL(database.url).host} (DATABASE_URL) rejected the connection or cannot be reached: ${message || code}`;
  }
  return message ?? String(error);
}

/** Network errors, and the SQLSTATEs of a rejected or failed connection. */
const fromDatabase = (code: string) => /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|08|28|3D|53|57P)/.test(code);
