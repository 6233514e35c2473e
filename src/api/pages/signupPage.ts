import type { Context } from "../../access/context.ts";
import { providersOf } from "../../services/signOn/providers.ts";
import { createUser } from "../../services/users/createUser.ts";
import { hasUsers } from "../../services/users/firstSignUp.ts";
import { openInvite } from "../../services/users/openLinks.ts";
import { assertMaySetUp } from "../../services/users/setupToken.ts";
import { alert, field, form, hidden, newPassword, warning } from "./parts/fields.ts";
import { type Html, html } from "./parts/html.ts";
import { keepIntent } from "./parts/intentCookie.ts";
import type { PageRoute, Problem, View } from "./parts/pageRoute.ts";
import { providerLinks } from "./parts/providerLinks.ts";
import { fieldOf } from "./parts/readForm.ts";
import { refusalOf } from "./parts/refusals.ts";
import { recorded, signIn } from "./parts/signIn.ts";
import { parameterOf, type Visit } from "./parts/visit.ts";

/**
 * Sign-up: with the link of an invitation, whose address is fixed; of the first user, who may need the set-up token; and
 * of everyone where `publicSignups` allows it.
 */
export const signupPage: PageRoute = {
  path: "signup",
  access: "anyone",
  hasSecretUrl: true,
  async show(visit, problem) {
    const inviteToken = tokenOf(visit, problem);
    if (!(await hasUsers(visit.ctx.db))) return firstUser(visit, problem);
    if (inviteToken === undefined) return visit.ctx.config.publicSignups ? openToAll(visit, problem) : closed;
    const invite = await openInvite(visit.ctx, inviteToken);
    return invite ? invited(visit, { ...invite, inviteToken }, problem) : badInvite;
  },
  async submit(visit, sent) {
    if (fieldOf(sent, "do") === "setUpByProvider") return setUpByProvider(visit, fieldOf(sent, "providerSetupToken"));
    const inviteToken = fieldOf(sent, "inviteToken") || undefined;
    const invite = inviteToken === undefined ? undefined : await openInvite(visit.ctx, inviteToken);
    if (inviteToken !== undefined && !invite) return badInvite;
    const ctx = withSetupToken(visit.ctx, fieldOf(sent, "setupToken"));
    const created = await recorded(ctx, "createUser", () =>
      createUser(ctx, {
        email: invite?.address ?? fieldOf(sent, "email"),
        password: fieldOf(sent, "password"),
        profile: { fullName: fieldOf(sent, "fullName") },
        inviteToken,
      }),
    );
    if (!created.token) return lookForMail;
    await signIn(visit, created);
    return { redirect: "./?done=signedUp" };
  },
};

const tokenOf = (visit: Visit, problem: Problem | undefined) =>
  problem ? fieldOf(problem.form, "inviteToken") || undefined : parameterOf(visit, "inviteToken");

/** The way to the provider is a link, because browsers do not let a form lead to another site here. */
async function setUpByProvider(visit: Visit, given: string): Promise<View> {
  const { ctx } = visit;
  const client = { address: ctx.client.address, sameMachine: false, setupToken: given.trim() };
  await recorded(ctx, "createUser", () => assertMaySetUp({ ...ctx, client }, ctx.db));
  keepIntent(visit, { setupToken: given.trim() });
  return {
    title: "Set up",
    body: html`<h1>Set up</h1>
<p>The token is right. Whoever signs in next in this browser, within 10 minutes, becomes System Admin.</p>
${providerLinks(visit)}`,
  };
}

const withSetupToken = (ctx: Context, given: string): Context => ({
  ...ctx,
  client: {
    address: ctx.client.address,
    get sameMachine() {
      return ctx.client.sameMachine;
    },
    setupToken: given === "" ? ctx.client.setupToken : given.trim(),
  },
});

const email = (problem: Problem | undefined) =>
  field({ name: "email", label: "E-mail address", type: "email", autocomplete: "email", problem, focus: true });

const fullName = (problem: Problem | undefined, focus = false) =>
  field({
    name: "fullName",
    argument: "profile.fullName",
    label: "Full name (optional)",
    type: "text",
    autocomplete: "name",
    required: false,
    maxlength: 200,
    problem,
    focus,
  });

const password = (problem: Problem | undefined) => newPassword(problem, { label: "Password" });

/** The form for a new user with a password, where there are such users. */
const withPassword = (visit: Visit, fields: (Html | undefined)[]): Html | false =>
  visit.ctx.config.auth.local.enabled && form(visit, { action: "signup", button: "Sign up", fields });

/** The form for a first user who signs in with an identity provider, wherever they are. */
function providerForm(visit: Visit): Html | false {
  const providers = providersOf(visit.ctx.config).map(({ settings }) => settings.displayName);
  if (providers.length === 0) return false;
  const token = field({
    name: "providerSetupToken",
    label: "Set-up token",
    type: "password",
    autocomplete: "off",
    hint: "Houston prints it when it starts; auth.setupToken sets it.",
  });
  return html`<h2>With ${providers.join(" or ")}</h2>
${form(visit, { action: "signup", button: "Continue", fields: [hidden("do", "setUpByProvider"), token] })}`;
}

function openToAll(visit: Visit, problem: Problem | undefined): View {
  const fields = [email(problem), fullName(problem), password(problem)];
  return {
    title: "Sign up",
    body: html`<h1>Sign up</h1>
${alert(problem)}${providerLinks(visit)}${withPassword(visit, fields)}
<p class="more"><a href="login">Sign in instead</a></p>`,
  };
}

function invited(visit: Visit, invite: { address: string; inviteToken: string }, problem: Problem | undefined): View {
  const { address, inviteToken } = invite;
  const fields = [
    hidden("inviteToken", inviteToken),
    html`<div class="field"><label for="email">E-mail address</label>
<p class="hint" id="email-hint">The invitation is for this address.</p>
<input id="email" type="email" value="${address}" autocomplete="username" aria-describedby="email-hint" readonly></div>`,
    fullName(problem, true),
    password(problem),
  ];
  return {
    title: "Accept the invitation",
    body: html`<h1>Accept the invitation</h1>
${alert(problem)}${providerLinks(visit, { inviteToken })}${withPassword(visit, fields)}`,
  };
}

function firstUser(visit: Visit, problem: Problem | undefined): View {
  const setupToken = field({
    name: "setupToken",
    label: "Set-up token",
    type: "password",
    autocomplete: "off",
    hint: "Houston prints it when it starts; auth.setupToken sets it.",
  });
  const isHere = visit.ctx.client.sameMachine;
  const isDenied = problem?.error.code === "FORBIDDEN";
  const fields = [email(problem), fullName(problem), password(problem), ...(!isHere || isDenied ? [setupToken] : [])];
  return {
    title: "Set up",
    body: html`<h1>Set up</h1>
<p>There are no users yet. The first one becomes System Admin.</p>
${
  isDenied
    ? html`<p class="alert" id="problem" role="alert">This is not the set-up token. Houston prints it when it starts.</p>`
    : alert(problem)
}${warning(problem ? undefined : refusalOf(visit))}${withPassword(visit, fields)}${providerForm(visit)}`,
  };
}

const closed: View = {
  title: "Sign-up is by invitation",
  status: 403,
  body: html`<h1>Sign-up is by invitation</h1>
<p>Ask an Admin of a Workspace, or whoever runs the platform, to invite you. The e-mail has a link.</p>
<p class="more"><a href="login">Sign in</a></p>`,
};

const badInvite: View = {
  title: "The invitation is no longer open",
  status: 400,
  body: html`<h1>The invitation is no longer open</h1>
<p>It was used, withdrawn or replaced by a newer one, or it has expired: look for a newer e-mail, or ask whoever invited
you for another invitation. If you have signed up already, sign in.</p>
<p class="more"><a class="button" href="login">Sign in</a></p>`,
};

const lookForMail: View = {
  title: "Look for the e-mail",
  body: html`<h1>Look for the e-mail</h1>
<p>We have sent you an e-mail. Open its link within 24 hours to go on.</p>
<p class="more"><a href="confirm-email">Send it again</a></p>`,
};
