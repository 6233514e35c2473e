import type { Logger } from "pino";
import type { Config } from "../../platform/config/config.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { fetchUpstream, TooLarge } from "../../platform/upstream/fetchUpstream.ts";
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

/** Lines in the order asked for. */
export interface LogPage {
  lines: LogLine[];
  /** How many the store gave, those of other releases among them. */
  given: number;
  /** How many it was asked for in the end: fewer than wanted where so many were too large. As many given means that there may be more. */
  size: number;
}

/** Where log lines come from. */
export type LogStore = (request: LogRequest) => Promise<LogPage>;

/** Whether the configuration names a log store. */
export const hasLogStore = ({ elasticsearch }: Pick<Config, "elasticsearch">): boolean =>
  elasticsearch.enabled && elasticsearch.client.node !== null;

/**
 * The configured Elasticsearch or OpenSearch. Throws LOGGING_NOT_CONFIGURED where there is none; the store throws
 * SERVICE_UNAVAILABLE. It gives half the lines, or half of those and so on, when all of them are too large an answer.
 */
export function logStoreOf({ elasticsearch }: Pick<Config, "elasticsearch">, log: Logger): LogStore {
  const { node } = elasticsearch.client;
  if (!elasticsearch.enabled || node === null) {
    throw new AppError(
      "LOGGING_NOT_CONFIGURED",
      "This platform keeps no logs: elasticsearch.enabled and elasticsearch.client.node are not set",
    );
  }
  const ask = async (request: LogRequest): Promise<LogPage> => {
    const { signal, releaseName } = request;
    const { url, authorization } = addressOf(node, elasticsearch.index, releaseName);
    const answer = await fetchUpstream(log, {
      who: "The log store",
      url,
      authorization,
      body: queryOf(request),
      signal,
    });
    const hits = hitsIn(answer);
    if (!hits)
      throw new AppError("SERVICE_UNAVAILABLE", "The log store answered something that is no list of log lines");
    return {
      lines: hits.filter(({ release }) => release === releaseName),
      given: hits.length,
      size: request.size,
    };
  };
  return async (request) => {
    for (let { size } = request; ; size = Math.ceil(size / 2)) {
      try {
        return await ask({ ...request, size });
      } catch (error) {
        if (!(error instanceof TooLarge) || size === 1) throw error;
      }
    }
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
