import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "../config.ts";

/** Where a secret could stand in something that is logged whole, such as an error of a library. */
const secretKeys = ["authorization", "password", "token", "key", "secret", "cookie"];

/** JSON lines at `logging.level`, on standard output unless `to` is given. Values under the names of secrets are hidden. */
export function createLog(config: Config, to?: DestinationStream): Logger {
  const options = {
    level: config.logging.level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: "[hidden]" },
  };
  return pino(options, to ?? standardOutput());
}

/** Lines are written a few at a time, at the latest after this many milliseconds: a system call for each would cost more. */
const FLUSH_EVERY = 200;

function standardOutput(): DestinationStream {
  const out = pino.destination({ dest: 1, sync: false, minLength: 4_096 });
  setInterval(() => out.flush(), FLUSH_EVERY).unref();
  // Nothing is lost at the end, a crash included.
  process.once("exit", () => out.flushSync());
  return out;
}
