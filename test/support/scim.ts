import { randomUUID } from "node:crypto";
import { hashOf } from "../../src/platform/secrets/tokens.ts";
import type { TestApp } from "./app.ts";

/** The answer to a SCIM request. */
export interface ScimAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are what the tests look into.
  body: any;
}

/** A SCIM client of a provider, with a token of its own unless `authorization` is given. */
export async function scimClient(
  { url, db }: Pick<TestApp, "url" | "db">,
  { provider = "microsoft", authorization }: { provider?: string; authorization?: string | undefined } = {},
) {
  const token = `scim_${randomUUID()}`;
  if (authorization === undefined) {
    const data = { provider, tokenHash: hashOf(token), tokenStart: token.slice(0, 6), createdBy: "user:test" };
    await db.scimToken.create({ data });
  }
  const base = `${url}/v1/scim/v2/${provider}`;
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        authorization: authorization ?? `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/scim+json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    } satisfies ScimAnswer as ScimAnswer;
  };
  return {
    base,
    token,
    send,
    get: (path: string) => send("GET", path),
    post: (path: string, body: unknown) => send("POST", path, body),
    put: (path: string, body: unknown) => send("PUT", path, body),
    /** Sends the operations of a PATCH. */
    patch: (path: string, ...operations: object[]) => send("PATCH", path, patchOf(...operations)),
    delete: (path: string) => send("DELETE", path),
    /** The resources that meet a filter. */
    find: async (path: string, filter: string) => {
      const { status, body } = await send("GET", `${path}?filter=${encodeURIComponent(filter)}`);
      return status === 200 ? body.Resources : body;
    },
  };
}

export type ScimClient = Awaited<ReturnType<typeof scimClient>>;

export const patchOf = (...operations: object[]) => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations: operations,
});

/** A user as Entra creates one. */
export function entraUser(given: object = {}) {
  const name = `user-${randomUUID()}`;
  return {
    schemas: [
      "urn:ietf:params:scim:schemas:core:2.0:User",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    ],
    externalId: `external-${name}`,
    userName: `${name}@example.com`,
    active: true,
    emails: [{ primary: true, type: "work", value: `${name}@example.com` }],
    meta: { resourceType: "User" },
    name: { formatted: "Given Family", familyName: "Family", givenName: "Given" },
    roles: [],
    ...given,
  };
}
