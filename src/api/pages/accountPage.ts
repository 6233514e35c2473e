import { AppError } from "../../platform/errors/appError.ts";
import { removeIdentity } from "../../services/signOn/ownIdentities.ts";
import { providerNamed } from "../../services/signOn/providers.ts";
import { endOtherSessions, endOwnSession } from "../../services/users/endOwnSessions.ts";
import { type OwnSession, ownSessions } from "../../services/users/ownSessions.ts";
import { updateSelf } from "../../services/users/updateSelf.ts";
import { alert, field, form, hidden, newPassword, notice, time } from "./parts/fields.ts";
import { type Html, html } from "./parts/html.ts";
import { identities } from "./parts/identities.ts";
import { keepIntent } from "./parts/intentCookie.ts";
import { isFresh } from "./parts/isFresh.ts";
import { nav } from "./parts/nav.ts";
import { doneOf } from "./parts/notices.ts";
import type { OwnVisit, PageRoute, Problem, Redirect, View } from "./parts/pageRoute.ts";
import { providerLinks } from "./parts/providerLinks.ts";
import { type Form, fieldOf } from "./parts/readForm.ts";
import { recorded } from "./parts/signIn.ts";

/** The account: where the user is signed in, and the password. */
export const accountPage: PageRoute = {
  path: "account",
  access: "user",
  async show(visit, problem) {
    const { visitor } = visit;
    const { sessions, count } = await ownSessions(visitor.ctx);
    return {
      title: "Account",
      body: html`${nav(visit, "account")}
<h1>Account</h1>
${notice(doneOf(visit))}${alert(problem)}
<dl>
${visitor.fullName !== "" && html`<dt>Name</dt><dd>${visitor.fullName}</dd>`}
${visitor.username !== visitor.email && html`<dt>Username</dt><dd>${visitor.username}</dd>`}
${visitor.email !== null && html`<dt>E-mail address</dt><dd>${visitor.email}</dd>`}
</dl>
<h2>Password</h2>
${passwordForm(visit, problem)}
${await identities(visit)}
<h2>Sessions</h2>
<p>Each sign-in, of a browser or with a token, is a session. Ending it makes its token invalid.</p>
<ul>${sessions.map((session) => item(visit, session))}</ul>
${count > sessions.length && html`<p>These are the newest ${sessions.length} of ${count}.</p>`}
${count > 1 && own(visit, { action: "account", button: "End all others", fields: [hidden("do", "endOthers")] })}`,
    };
  },
  submit: (visit, sent) => actions[fieldOf(sent, "do")]?.(visit, sent) ?? unknownAction(),
};

const actions: Record<string, (visit: OwnVisit, sent: Form) => Promise<Redirect | View>> = {
  async changePassword({ visitor: { ctx } }, sent) {
    const payload = { password: fieldOf(sent, "password"), currentPassword: fieldOf(sent, "currentPassword") };
    await recorded(ctx, "updateSelf", () => updateSelf(ctx, { payload }));
    return { redirect: "account?done=passwordChanged" };
  },
  async endSession({ visitor: { ctx } }, sent) {
    const given = { sessionId: fieldOf(sent, "sessionId") };
    await recorded(ctx, "endSession", () => endOwnSession(ctx, given));
    return { redirect: "account?done=sessionEnded" };
  },
  async addIdentity(visit, sent) {
    const provider = fieldOf(sent, "provider");
    if (!isFresh(visit) || !providerNamed(visit.ctx.config, provider)) return { redirect: "account" };
    keepIntent(visit, { linkSession: visit.visitor.sessionId });
    return {
      title: "Add an identity provider",
      body: html`${nav(visit, "account")}
<h1>Add an identity provider</h1>
<p>Sign in there with the account that you want to use here, too.</p>
${providerLinks(visit, { rd: "account", only: provider, words: "Continue to" })}`,
    };
  },
  async removeIdentity(visit, sent) {
    if (!isFresh(visit)) return { redirect: "account" };
    const { ctx } = visit.visitor;
    const given = { identityId: fieldOf(sent, "identityId") };
    await recorded(ctx, "unlinkIdentity", () => removeIdentity(ctx, given));
    return { redirect: "account?done=identityRemoved" };
  },
  async endOthers({ visitor: { ctx } }) {
    await recorded(ctx, "endOtherSessions", () => endOtherSessions(ctx));
    return { redirect: "account?done=othersEnded" };
  },
};

function unknownAction(): never {
  throw new AppError(
    "BAD_USER_INPUT",
    "do: must be changePassword, addIdentity, removeIdentity, endSession or endOthers",
    "do",
  );
}

const own = (visit: OwnVisit, given: Omit<Parameters<typeof form>[1], "visitor">) =>
  form(visit, { ...given, visitor: visit.visitor, quiet: true });

function item(visit: OwnVisit, { id, createdAt, lastUsedAt, expiresAt }: OwnSession): Html {
  const isThis = id === visit.visitor.sessionId;
  const used = isThis ? visit.ctx.now() : (lastUsedAt ?? createdAt);
  const fields = [hidden("do", "endSession"), hidden("sessionId", id)];
  const about = ` the session of ${createdAt.toISOString().slice(0, 16).replace("T", " ")}`;
  return html`<li class="row"><div>${time(createdAt)}${isThis && html` <strong>This browser</strong>`}
<span>Last used ${time(used)}. Expires ${time(expiresAt)}.</span></div>${
    isThis ? html`<a href="sign-out">Sign out</a>` : own(visit, { action: "account", button: "End", fields, about })
  }</li>`;
}

function passwordForm(visit: OwnVisit, problem: Problem | undefined): Html {
  if (!visit.visitor.hasPassword && !visit.ctx.config.auth.local.enabled) return html`<p>You have none.</p>`;
  if (!visit.visitor.hasPassword) {
    return html`<p>You have no password. <a href="forgot-password">Set one with a link in an e-mail</a>.</p>`;
  }
  const current = field({
    name: "currentPassword",
    argument: "payload.currentPassword",
    label: "Current password",
    type: "password",
    autocomplete: "current-password",
    problem,
  });
  const fields = [hidden("do", "changePassword"), current, newPassword(problem, { argument: "payload.password" })];
  return own(visit, { action: "account", button: "Change password", fields });
}
