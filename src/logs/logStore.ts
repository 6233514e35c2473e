import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";
import { askUpstream } from "../upstream/askUpstream.ts";
import { hitsIn, type LogLine } from "./logLine.ts";
import { type LogFilter, queryOf } from "./logQuery.ts";

/** A part of a Deployment's log. */
export interface LogRequest extends LogFilter {
  /** "asc" begins with the oldest line, "desc" with the newest. */
  order: "asc" | "desc";
  /** How many lines, after how many of them. */
  size: number;
  offset?: number;
  signal?: AbortSignal | undefined;
}

/** Lines in the order asked for, and how many the store gave: as many as asked for means that there may be more. */
export interface LogPage {
  lines: LogLine[];
  given: number;
}

/** Where log lines come from. */
export type LogStore = (request: LogRequest) => Promise<LogPage>;

/** Whether the configuration names a log store. */
export const hasLogStore = ({ elasticsearch }: Pick<Config, "elasticsearch">): boolean =>
  elasticsearch.enabled && elasticsearch.client.node !== null;

/**
 * The configured Elasticsearch or OpenSearch. Throws LOGGING_NOT_CONFIGURED where there is none; the store throws
 * SERVICE_UNAVAILABLE.
 */
export function logStoreOf({ elasticsearch }: Pick<Config, "elasticsearch">, log: Logger): LogStore {
  const { node } = elasticsearch.client;
  if (!elasticsearch.enabled || node === null) {
    throw new AppError(
      "LOGGING_NOT_CONFIGURED",
      "This platform keeps no logs: elasticsearch.enabled and elasticsearch.client.node are not set",
    );
  }
  return async (request) => {
    const { signal, releaseName } = request;
    const { url, authorization } = addressOf(node, elasticsearch.index, releaseName);
    const answer = await askUpstream(log, { who: "The log store", url, authorization, body: queryOf(request), signal });
    const hits = hitsIn(answer);
    if (!hits)
      throw new AppError("SERVICE_UNAVAILABLE", "The log store answered something that is no list of log lines");
    return { lines: hits.filter(({ release }) => release === releaseName), given: hits.length };
  };
}

/** Where to search. A user and password leave the address, where they do not belong in a request, for a header. */
function addressOf(node: string, indices: string, releaseName: string) {
  const url = new URL(node);
  const { username, password } = url;
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  url.username = url.password = "";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${indices.replaceAll("{releaseName}", releaseName)}/_search`;
  // A Deployment that never wrote a line has no index. Copies of a shard order lines of one moment differently: one copy is to
  // answer for all pages.
  url.search = `ignore_unavailable=true&allow_no_indices=true&preference=${releaseName}`;
  return { url, authorization: username ? `Basic ${basic}` : undefined };
}
