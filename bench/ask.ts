import type { Call, Document } from "./operations.ts";
import { fromPostgraphile } from "./postgraphile.ts";
import { requestOf } from "./requests.ts";
import type { RunningServer } from "./servers.ts";

/** A server's response to one request. */
export interface Asked {
  /** The value of the document's root field; undefined for a status other than 200, an error or an empty result. */
  content: unknown;
  /** Status and body, for messages. */
  said: string;
}

/** Sends one request to a server. */
export async function ask(server: RunningServer, document: Document, call: Call): Promise<Asked> {
  const { path, headers, body } = requestOf(server.name, document, call);
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method: "POST", headers, body });
  const text = await response.text();
  const said = `${response.status} ${text.slice(0, 1_500)}`;
  if (response.status !== 200) return { content: undefined, said };
  const { data, errors } = JSON.parse(text);
  const content = server.name === "postgraphile" ? fromPostgraphile(document, data) : data?.[document.field];
  const nothing = content === null || (Array.isArray(content) && content.length === 0);
  return { content: errors || nothing ? undefined : content, said };
}
