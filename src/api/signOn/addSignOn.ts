import type { FastifyReply, FastifyRequest } from "fastify";
import { randomNonce, randomPKCECodeVerifier, randomState } from "openid-client";
import type { Services } from "../../access/context.ts";
import { pagesUrl } from "../../platform/config/config.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import type { SignOn } from "../../services/signOn/createSignOn.ts";
import { addIdentity } from "../../services/signOn/ownIdentities.ts";
import { PENDING_LIFETIME, sealPending, takePending } from "../../services/signOn/pendingSignOn.ts";
import type { Profile } from "../../services/signOn/profile.ts";
import { SignOnRefused } from "../../services/signOn/refused.ts";
import { signInWith } from "../../services/signOn/signInWith.ts";
import { CALLBACK_PATH, START_PATH, startUrl } from "../../services/signOn/signOnUrls.ts";
import { cookieOf } from "../edge/edgeCredential.ts";
import type { Server } from "../http/createServer.ts";
import { joinPath } from "../http/joinPath.ts";
import { setCookie } from "../pages/parts/cookies.ts";
import { takeIntent } from "../pages/parts/intentCookie.ts";
import { returnTo } from "../pages/parts/returnTo.ts";
import { recorded, signIn } from "../pages/parts/signIn.ts";
import { siteOf } from "../pages/parts/site.ts";
import { parameterOf, type Visit, visitOf } from "../pages/parts/visit.ts";
import { causesOf } from "./causesOf.ts";
import { pendingCookie } from "./pendingCookie.ts";

/**
 * Signing in with an identity provider. `GET <endpoint>/oauth/login?provider=<name>&redirect=<page or URL>` leads to the provider,
 * which sends people back to `<endpoint>/oauth/callback`. Both end on a page: errors are shown by the sign-in page.
 */
export function addSignOn(server: Server, services: Services, signOn: SignOn): void {
  const { config } = services;
  const site = siteOf(config);
  const routes = { [START_PATH]: start, [CALLBACK_PATH]: finish };
  for (const [path, handle] of Object.entries(routes)) {
    server.get(joinPath(config.webserver.endpoint, path), { config: { cors: false } }, async (request, reply) => {
      const visit = await visitOf(services, { site, root: "../../", signOn }, request, reply);
      reply.header("cache-control", "no-store");
      try {
        return reply.redirect(await handle(visit, request, reply), 303);
      } catch (error) {
        return reply.redirect(refusal(visit, error), 303);
      }
    });
  }
}

async function start(visit: Visit, request: FastifyRequest, reply: FastifyReply): Promise<string> {
  const { ctx, site, signOn } = visit;
  const provider = parameterOf(visit, "provider") ?? "";
  const redirect = parameterOf(visit, "redirect");
  const inviteToken = parameterOf(visit, "inviteToken");
  const client = signOn.get(provider);
  if (!client) throw new SignOnRefused("unknownProvider", `There is no provider "${provider.slice(0, 80)}"`);
  // The cookies belong to the host of the pages, where the provider sends people back to.
  if (request.headers.host !== new URL(site.origin).host && parameterOf(visit, "moved") === undefined) {
    return `${startUrl(ctx.config, provider, { redirect, inviteToken })}&moved=1`;
  }
  const proofs = { state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() };
  const url = await client.authorizationUrl(proofs);
  const intent = takeIntent(visit, request.headers.cookie ?? "");
  const value = sealPending(ctx, { provider, ...proofs, at: ctx.now().getTime(), redirect, inviteToken, ...intent });
  setCookie(reply, site, { name: pendingCookie(site), value, maxAge: PENDING_LIFETIME / 1_000 });
  return url.href;
}

async function finish(visit: Visit, request: FastifyRequest, reply: FastifyReply): Promise<string> {
  const { ctx, site, signOn } = visit;
  const cookie = cookieOf(request.headers.cookie ?? "", pendingCookie(site));
  setCookie(reply, site, { name: pendingCookie(site), value: "", maxAge: 0 });
  return recorded(ctx, "signInWith", async () => {
    const pending = await takePending(ctx, cookie, parameterOf(visit, "state") ?? "");
    const client = signOn.get(pending.provider);
    if (!client) throw new SignOnRefused("unknownProvider", `There is no provider "${pending.provider}"`);
    const profile = await client.profile(new URLSearchParams(visit.query), pending);
    if (pending.linkSession !== undefined) return link(visit, profile, pending.linkSession);
    await signIn(visit, await signInWith(ctx, profile, pending));
    return pageOrUrl(visit, returnTo(pending.redirect, site) ?? "");
  });
}

/** Adds the account to that of whoever asked for it, if they are still signed in; their session stays. */
async function link(visit: Visit, profile: Profile, sessionId: string): Promise<string> {
  const { visitor } = visit;
  if (visitor?.sessionId !== sessionId) throw new SignOnRefused("expired");
  await addIdentity(visitor.ctx, profile);
  return pageOrUrl(visit, "account?done=identityAdded");
}

/** Where to go: a page by its name, which is relative to the pages, or any other path or URL as it is. */
function pageOrUrl({ ctx }: Visit, target: string): string {
  return /^[a-z-]*(\?|$)/.test(target) ? `${pagesUrl(ctx.config)}/${target}` : target;
}

/** The sign-in page, which says why somebody was not signed in. */
function refusal(visit: Visit, error: unknown): string {
  const { ctx } = visit;
  const isRefused = error instanceof SignOnRefused;
  if (!isRefused && !asAppError(error)) ctx.log.error({ err: error }, "Unexpected error");
  const reason = isRefused ? error.reason : "failed";
  if (isRefused) ctx.log.warn({ reason, causes: causesOf(error) }, "Sign-in was refused");
  return `${pagesUrl(ctx.config)}/login?refused=${reason}`;
}
