import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { answerError } from "./answerError.ts";
import { type Attempt, startAttempt } from "./attempt.ts";
import { type Connection, connectTo } from "./connection.ts";
import type { CredentialSource, Credentials } from "./credentials.ts";
import { parseJson } from "./jsonLines.ts";
import { KubernetesError } from "./kubernetes.ts";
import { readBody } from "./readBody.ts";

/** Options of a client. */
export interface CallerOptions {
  /** Milliseconds that a call may take, with everything that is tried again; of a list, each page. */
  requestTimeout: number;
  /** What the server's logs show. */
  userAgent: string;
}

/** One request of the API. */
export interface ApiRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Of the body; `application/json` if omitted. */
  contentType?: string;
  /** Of the response; `application/json` if omitted. */
  accept?: string;
  signal?: AbortSignal | undefined;
}

/** Sends requests to one server with the credentials of the moment. Every failure is a KubernetesError. */
export interface Caller {
  /** The JSON of the response. */
  call(request: ApiRequest): Promise<unknown>;
  /** Chunks of a response that lasts, each of which must follow within `silence` milliseconds. */
  stream(request: ApiRequest, silence: number): AsyncGenerator<Buffer>;
  /** Makes running and later calls fail. */
  close(): void;
}

/** Maximum bytes of a response. */
const MAX_BODY = 64 * 1024 * 1024;

/** Maximum bytes of a response that reports an error. */
const MAX_ERROR_BODY = 1024 * 1024;

/** Minimum seconds to wait for a server that is busy. */
const MIN_WAIT = 1;

/** Prepares calls; no connection is made before the first one. */
export function createCaller(source: CredentialSource, { requestTimeout, userAgent }: CallerOptions): Caller {
  const running = new Set<Attempt>();
  const late = `The Kubernetes API did not answer within ${requestTimeout} ms`;
  const closed = () => new KubernetesError("The client of the Kubernetes API was closed");
  let isClosed = false;
  let connection: Connection | undefined;

  function start(signal: AbortSignal | undefined): Attempt {
    const attempt = startAttempt(signal);
    if (isClosed) attempt.abort(closed());
    running.add(attempt);
    attempt.within(requestTimeout, late);
    return attempt;
  }

  function end(attempt: Attempt): void {
    running.delete(attempt);
    attempt.end();
  }

  function send(request: ApiRequest, { token, ...place }: Credentials, lasting: boolean, signal: AbortSignal) {
    const { method, path, body, contentType = "application/json", accept = "application/json" } = request;
    if (!connection?.fits(place)) connection = connectTo(place);
    const headers = {
      accept,
      "user-agent": userAgent,
      ...(body !== undefined && { "content-type": contentType }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    return connection.send({ method, path, headers, body: text, lasting, signal });
  }

  /** The first response that is no error. Tries again with new credentials after 401, and when a busy server says so. */
  async function answer(request: ApiRequest, attempt: Attempt, lasting: boolean): Promise<IncomingMessage> {
    let credentials = await source(false);
    let isRenewed = false;
    for (;;) {
      const response = await send(request, credentials, lasting, attempt.signal);
      const { statusCode: status = 0, headers } = response;
      if (status >= 200 && status < 300) return response;
      // The status says enough if the rest is too long or does not arrive.
      const body = await readBody(response, MAX_ERROR_BODY).catch(() => "");
      const error = answerError(status, body, credentials.token);
      const wait = Math.max(Number(headers["retry-after"]), MIN_WAIT) * 1_000;
      if (status === 401 && !isRenewed) {
        isRenewed = true;
        const renewed = await source(true);
        // The same ones would be refused again.
        if (renewed === credentials) throw error;
        credentials = renewed;
      } else if (status === 429 && wait < attempt.left()) {
        await sleep(wait, undefined, { signal: attempt.signal });
      } else throw error;
    }
  }

  return {
    async call(request) {
      const attempt = start(request.signal);
      try {
        const response = await answer(request, attempt, false);
        return parseJson(await readBody(response, MAX_BODY));
      } catch (error) {
        throw attempt.explain(error);
      } finally {
        end(attempt);
      }
    },

    async *stream(request, silence) {
      const attempt = start(request.signal);
      try {
        const response = await answer(request, attempt, true);
        const silent = `The Kubernetes API was silent for ${silence} ms`;
        attempt.within(silence, silent);
        for await (const chunk of response as AsyncIterable<Buffer>) {
          // Time that the reader needs is no silence of the server.
          attempt.pause();
          yield chunk;
          attempt.within(silence, silent);
        }
      } catch (error) {
        throw attempt.explain(error);
      } finally {
        end(attempt);
      }
    },

    close() {
      isClosed = true;
      for (const attempt of running) attempt.abort(closed());
      connection?.close();
    },
  };
}
