import type { Logger } from "pino";
import type { Config } from "../../platform/config/config.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { fetchUpstream, TooLarge } from "../../platform/upstream/fetchUpstream.ts";
import { hitsIn, type LogLine } from "./logLine.ts";
import { type LogFilter, queryOf } from "./logQuery.ts";

/** A request for a part of a Deployment's log. */
export interface LogRequest extends LogFilter {
  /** "asc" starts with the oldest line, "desc" with the newest. */
  order: "asc" | "desc";
  /** Number of lines to return, after skipping `offset` lines. */
  size: number;
  offset?: number;
  signal?: AbortSignal | undefined;
}

/** Lines in the requested order. */
export interface LogPage {
  lines: LogLine[];
  /** Number of lines the store returned, including those of other releases. */
  received: number;
  /** Number of lines finally requested: reduced if the response was too large. If all were received, there may be more. */
  size: number;
}

/** A source of log lines. */
export type LogStore = (request: LogRequest) => Promise<LogPage>;

/** Whether a log store is configured. */
export const hasLogStore = ({ elasticsearch }: Pick<Config, "elasticsearch">): boolean =>
  elasticsearch.enabled && elasticsearch.client.node !== null;

/**
 * The configured Elasticsearch or OpenSearch. Throws LOGGING_NOT_CONFIGURED if there is none; the store throws
 * SERVICE_UNAVAILABLE. If a response is too large, it requests half the lines, and so on.
 */
export function logStoreOf({ elasticsearch }: Pick<Config, "elasticsearch">, log: Logger): LogStore {
  const { node } = elasticsearch.client;
  if (!elasticsearch.enabled || node === null) {
    throw new AppError(
      "LOGGING_NOT_CONFIGURED",
      "No log store is configured: elasticsearch.enabled is false or elasticsearch.client.node is not set",
    );
  }
  const search = async (request: LogRequest): Promise<LogPage> => {
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
    if (!hits) throw new AppError("SERVICE_UNAVAILABLE", "The log store returned an invalid response");
    return {
      lines: hits.filter(({ release }) => release === releaseName),
      received: hits.length,
      size: request.size,
    };
  };
  return async (request) => {
    for (let { size } = request; ; size = Math.ceil(size / 2)) {
      try {
        return await search({ ...request, size });
      } catch (error) {
        if (!(error instanceof TooLarge) || size === 1) throw error;
      }
    }
  };
}

/** The URL of the search. User and password are moved from the URL to a header. */
function addressOf(node: string, indices: string, releaseName: string) {
  const url = new URL(node);
  const { username, password } = url;
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  url.username = url.password = "";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${indices.replaceAll("{releaseName}", releaseName)}/_search`;
  // A Deployment without log lines has no index. Replicas of a shard order lines with equal timestamps differently, so
  // `preference` uses the same replica for all pages.
  url.search = `ignore_unavailable=true&allow_no_indices=true&preference=${releaseName}`;
  return { url, authorization: username ? `Basic ${basic}` : undefined };
}
