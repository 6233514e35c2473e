import { type Call, type Document, type Endpoint, isDocument } from "./operation.ts";
import { fromPostgraphile } from "./postgraphile.ts";
import { requestOf } from "./requests.ts";
import type { RunningServer } from "./servers.ts";

/** A server's response to one request. */
export interface Asked {
  /**
   * The value of a document's root field, or the body of an endpoint's answer ("" for none); undefined for an error or
   * an empty result.
   */
  content: unknown;
  /** Status and body, for messages. */
  said: string;
}

/** Sends one request to a server. */
export async function ask(server: RunningServer, target: Document | Endpoint, call: Call): Promise<Asked> {
  const { path, ...request } = requestOf(server.name, target, call);
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, request);
  const text = await response.text();
  const said = `${response.status} ${text.slice(0, 1_500)}`;
  if (!response.ok) return { content: undefined, said };
  if (!isDocument(target) && target.answeredIn) {
    return { content: target.answeredIn.map((name) => response.headers.get(name)), said };
  }
  return { content: isDocument(target) ? dataOf(server, target, text) : bodyOf(target, text), said };
}

function dataOf(server: RunningServer, document: Document, text: string): unknown {
  const { data, errors } = JSON.parse(text);
  const content = server.name === "postgraphile" ? fromPostgraphile(document, data) : data?.[document.field];
  return errors || isNothing(content) ? undefined : content;
}

function bodyOf({ rows }: Endpoint, text: string): unknown {
  const content = text === "" ? "" : JSON.parse(text);
  return rows !== undefined && isNothing(content[rows]) ? undefined : content;
}

const isNothing = (content: unknown) => content === null || (Array.isArray(content) && content.length === 0);
