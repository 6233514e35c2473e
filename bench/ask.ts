import type { Call, Document } from "./operations.ts";
import { fromPostgraphile } from "./postgraphile.ts";
import { requestOf } from "./requests.ts";
import type { RunningServer } from "./servers.ts";

/** What a server answered to one request. */
export interface Asked {
  /** What the document's root field holds; undefined when the answer is not 200, tells of errors, or found nothing. */
  content: unknown;
  /** Status and body, for people. */
  said: string;
}

/** Asks a server once. */
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
