import type { FastifyRequest } from "fastify";

/** Parameters of a GET that clients send empty when they have none. */
const optional = ["operationName", "variables", "extensions"];

/**
 * Removes members of a GraphQL request that clients send empty for "not given": an `operationName` of "", and by GET
 * also empty `variables` and `extensions`. Runs before the fast path and Apollo, which must see the same request.
 */
export function omitEmpty({ body, raw }: FastifyRequest): void {
  if (isObject(body) && body.operationName === "") delete body.operationName;
  if (raw.method !== "GET" || !raw.url) return;
  const [path = "", search] = splitOnce(raw.url, "?");
  if (!search) return;
  const parameters = new URLSearchParams(search);
  const isEmpty = (name: string) => {
    const [value, ...others] = parameters.getAll(name);
    // Apollo rejects a repeated parameter.
    return others.length === 0 && (value === "" || (value === "null" && name !== "operationName"));
  };
  const empty = optional.filter(isEmpty);
  if (empty.length === 0) return;
  for (const name of empty) parameters.delete(name);
  raw.url = `${path}?${parameters}`;
}

const isObject = (body: unknown): body is Record<string, unknown> =>
  typeof body === "object" && body !== null && !Array.isArray(body);

function splitOnce(text: string, at: string): [string, string | undefined] {
  const index = text.indexOf(at);
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}
