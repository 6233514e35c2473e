import type { FastifyReply, FastifyRequest } from "fastify";
import { createCallerLoader } from "../../../access/callerLoader.ts";
import type { Context, Services } from "../../../access/context.ts";
import { verifyToken } from "../../../access/jwt.ts";
import { actorOf } from "../../../platform/audit/recordAudit.ts";
import { newToken } from "../../../platform/secrets/tokens.ts";
import type { SignOn } from "../../../services/signOn/createSignOn.ts";
import { type SignedIn, signedIn } from "../../../services/users/signedIn.ts";
import { cookieOf } from "../../edge/edgeCredential.ts";
import { contextOf } from "../../http/contextOf.ts";
import { formCookie, removeSession, sessionCookie, setCookie } from "./cookies.ts";
import type { Site } from "./site.ts";

/** Someone who is signed in, and the context of what they do. */
export interface Visitor extends SignedIn {
  ctx: Context;
}

/** One request for a page. */
export interface Visit {
  site: Site;
  /** The context of someone who is not signed in: for everything that needs no session. */
  ctx: Context;
  visitor: Visitor | undefined;
  /** The way to `/` of this server: `../` from the pages, or `./` on their own host. */
  root: string;
  /** The identity providers. */
  signOn: SignOn;
  /** The query string, without "?". */
  query: string;
  reply: FastifyReply;
  /** The value of the cookie that forms are bound to before sign-in. */
  formCookie: string;
}

/** A parameter of the query; undefined if it is empty or was sent twice. */
export function parameterOf({ query }: Pick<Visit, "query">, name: string): string | undefined {
  const values = new URLSearchParams(query).getAll(name);
  return values.length === 1 && values[0] !== "" ? values[0] : undefined;
}

/** Reads who sent a request. Neither a header nor a token of another type opens the pages. */
export async function visitOf(
  services: Services,
  { site, root, signOn }: Pick<Visit, "site" | "root" | "signOn">,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Visit> {
  const cookies = request.headers.cookie ?? "";
  const query = request.url.slice(request.url.indexOf("?") + 1 || request.url.length);
  const own = contextOf(services, request, "pages");
  const ctx: Context = {
    ...own,
    credential: { kind: "none" },
    loadCaller: createCallerLoader(own.pool, { kind: "none" }),
  };
  const cookie = cookieOf(cookies, sessionCookie(site));
  const visitor = await visitorOf(ctx, cookie);
  if (cookie !== undefined && !visitor) removeSession(reply, site);
  return { site, root, signOn, ctx, visitor, query, reply, formCookie: formCookieOf(cookies, site, reply) };
}

async function visitorOf(ctx: Context, cookie: string | undefined): Promise<Visitor | undefined> {
  const session = cookie === undefined ? undefined : verifyToken(ctx.config, cookie, "pages");
  const found = session && (await signedIn(ctx, session));
  if (!found) return undefined;
  const credential = { kind: "session", ...session } as const;
  const loadCaller = createCallerLoader(ctx.pool, credential);
  const { caller } = await loadCaller([]);
  if (!caller) return undefined;
  ctx.lastUsed.touch(credential, caller.id, ctx.now());
  ctx.origin.caller = actorOf({ caller });
  return { ...found, ctx: { ...ctx, credential, loadCaller, caller } };
}

function formCookieOf(cookies: string, site: Site, reply: FastifyReply): string {
  const known = cookieOf(cookies, formCookie(site));
  if (known !== undefined && /^[\w-]{43}$/.test(known)) return known;
  const value = newToken();
  setCookie(reply, site, { name: formCookie(site), value });
  return value;
}
