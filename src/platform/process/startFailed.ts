import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { connectionFailure } from "../database/connectionFailure.ts";

/**
 * Logs why Houston could not start, or could not `verb`, prints the reason in one line to standard error, and exits
 * with code 1.
 */
export function startFailed(error: unknown, config: Config, log: Logger, verb = "start"): never {
  const failed = `Houston did not ${verb}`;
  log.fatal({ err: error }, failed);
  process.stderr.write(`\n${failed}: ${reasonOf(error, config)}\n`);
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
  return (database.url && connectionFailure(error, database.url)) || (message ?? String(error));
}
