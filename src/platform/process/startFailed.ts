import type { Logger } from "pino";
import type { Config } from "../config/config.ts";

/** Logs what stopped the start, tells it in one line to whoever started Houston, and ends the process with code 1. */
export function startFailed(error: unknown, config: Config, log: Logger): never {
  log.fatal({ err: error }, "Houston did not start");
  process.stderr.write(`\nHouston did not start: ${reasonOf(error, config)}\n`);
  process.exit(1);
}

type Failure = NodeJS.ErrnoException & { port?: number; hostname?: string };

/** What stopped the start, and what an operator can do about it. */
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
      return `port ${port} is taken; stop what listens there, or set ${setting} to another one`;
    return `port ${port} cannot be listened on (${code}); set ${setting} to another one`;
  }
  if (database.url && code !== undefined && fromDatabase(code)) {
    // Without user and password.
    return `the PostgreSQL at ${new URL(database.url).host} (DATABASE_URL) does not let Houston in: ${message || code}`;
  }
  return message ?? String(error);
}

/** Network errors, and the SQLSTATEs of a connection that was not let in or not made. */
const fromDatabase = (code: string) => /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|08|28|3D|53|57P)/.test(code);
