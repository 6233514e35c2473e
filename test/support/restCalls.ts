import { expect } from "vitest";
import { REST_PREFIX } from "../../src/api/http/restPrefix.ts";
import { createDocument } from "../../src/api/rest/document/createDocument.ts";
import { routes } from "../../src/api/rest/routes.ts";
import type { Someone } from "./as.ts";
import { checkerOf } from "./documentCheck.ts";
import { additions, platformContract } from "./platformContract.ts";

/** An answer of the Platform API. */
export interface RestAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
  body: any;
  headers: Headers;
}

const ours = checkerOf(createDocument(routes, REST_PREFIX));
const theirs = checkerOf(platformContract);

/**
 * `rest(admin).get("/organizations/…")` sends a request to the Platform API as somebody, `rest(undefined)` without a
 * token. Each answer must be one that the contract and our own document describe, and so must each request that
 * succeeds. A body is sent as JSON; a path may contain a query.
 */
export function createRest(url: string) {
  return (someone: Someone) => {
    const send = async (method: string, path: string, body?: unknown): Promise<RestAnswer> => {
      const response = await fetch(`${url}${REST_PREFIX}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(someone ? { authorization: `Bearer ${someone.token}` } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = text === "" ? undefined : JSON.parse(text);
      const answer = { status: response.status, body: json, headers: response.headers };
      const errors = errorsIn({ method, path, body }, answer);
      expect(errors, `${method} ${path}, answered ${answer.status} ${text}`).toEqual([]);
      return answer;
    };
    return {
      get: (path: string) => send("GET", path),
      post: (path: string, body?: unknown) => send("POST", path, body),
      delete: (path: string) => send("DELETE", path),
    };
  };
}

interface RestRequest {
  method: string;
  path: string;
  body?: unknown;
}

/** How a request and its answer differ from the contract or from our own document. */
export function errorsIn({ method, path, body }: RestRequest, { status, body: json, headers }: RestAnswer): string[] {
  const errors: string[] = [];
  const type = headers.get("content-type");
  if (json !== undefined && !type?.startsWith("application/json")) errors.push(`the type of the answer is ${type}`);
  if (status >= 400) errors.push(...errorBodyErrors(status, json, headers));
  const operation = ours(method, path);
  if (!operation) return status === 404 ? errors : [...errors, "the operation is not in our document"];
  const { operationId } = operation;
  const check = (name: string, one: typeof operation) => {
    const more = status < 400 ? one.requestErrors(path, body) : [];
    errors.push(...[...one.answerErrors(status, json), ...more].map((error) => `${name}: ${error}`));
  };
  check("our document", operation);
  if (additions.operations.includes(operationId) || additions.statuses[operationId]?.includes(status)) return errors;
  const promised = theirs(method, path);
  if (promised?.operationId === operationId) check("contract", promised);
  else errors.push(`contract: it has ${promised?.operationId} instead of ${operationId}`);
  return errors;
}

function errorBodyErrors(status: number, body: RestAnswer["body"], headers: Headers): string[] {
  const { message, requestId, statusCode, fieldErrors, ...others } = body ?? {};
  return [
    typeof message === "string" && message !== "" ? "" : "an error must have a message",
    requestId && requestId === headers.get("x-request-id") ? "" : "requestId must be the x-request-id",
    statusCode === status ? "" : "statusCode must be the status",
    Object.keys(others).length === 0 ? "" : `an error must not have ${Object.keys(others)}`,
    fieldErrors === undefined || fieldErrors.length > 0 ? "" : "fieldErrors must not be empty",
  ].filter(Boolean);
}
