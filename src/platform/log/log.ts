import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "../config/config.ts";

/** Where a secret could stand in something that is logged whole, such as an error of a library. */
const secretKeys = ["authorization", "password", "token", "key", "secret", "cookie"];

const format = {
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label: string) => ({ level: label }) },
};

/** JSON lines at `logging.level`, on standard output unless `to` is given. Values under the names of secrets are hidden. */
export function createLog(config: Config, to?: DestinationStream): Logger {
  const options = {
    ...format,
    level: config.logging.level,
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: "[hidden]" },
  };
  return pino(options, to ?? standardOutput());
}

/**
 * The same log for lines that hold no secret by construction: looking for some in each would cost more than all the rest of
 * writing it.
 */
export const withoutSearch = (log: Logger): Logger =>
  pino({ ...format, level: log.level }, log[pino.symbols.streamSym as never] as DestinationStream);

/** Lines leave together, at the latest after this many milliseconds: a system call for each would cost more than its line. */
const FLUSH_EVERY = 200;

/** Characters that leave at once. */
const FLUSH_AT = 32_768;

function standardOutput(): DestinationStream {
  const out = pino.destination({ dest: 1, sync: false });
  // The destination's own minLength measures all it has gathered again with each line: 6 µs per line instead of 3, of the
  // 50 µs of CPU time that a small request takes.
  let lines: string[] = [];
  let length = 0;
  const flush = () => {
    if (length === 0) return;
    const text = lines.join("");
    [lines, length] = [[], 0];
    out.write(text);
  };
  setInterval(flush, FLUSH_EVERY).unref();
  // Nothing is lost at the end, a crash included.
  process.once("exit", () => {
    flush();
    out.flushSync();
  });
  return {
    write(line) {
      lines.push(line);
      length += line.length;
      if (length >= FLUSH_AT) flush();
    },
  };
}
