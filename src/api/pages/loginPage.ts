import { createToken } from "../../services/users/createToken.ts";
import { hasUsers } from "../../services/users/firstSignUp.ts";
import { alert, field, form, hidden, notice, warning } from "./parts/fields.ts";
import { type Html, html } from "./parts/html.ts";
import { doneOf } from "./parts/notices.ts";
import type { OwnVisit, PageRoute, Problem, View } from "./parts/pageRoute.ts";
import { providerLinks } from "./parts/providerLinks.ts";
import { fieldOf } from "./parts/readForm.ts";
import { refusalOf, refusedQuery } from "./parts/refusals.ts";
import { rdOf, returnTo } from "./parts/returnTo.ts";
import { keepSession, recorded, signIn } from "./parts/signIn.ts";
import { parameterOf, type Visit } from "./parts/visit.ts";

/** Sign-in. The parameter `rd` says where to go after it. */
export const loginPage: PageRoute = {
  path: "login",
  access: "anyone",
  async show(visit, problem) {
    const { visitor, ctx } = visit;
    const rd = problem ? fieldOf(problem.form, "rd") : rdOf(visit.query);
    if (visitor && !problem && parameterOf(visit, "as") !== "other") return signedInAlready({ ...visit, visitor }, rd);
    if (!problem && !(await hasUsers(ctx.db))) return { redirect: `signup${refusedQuery(visit)}` };
    const refusal = problem ? undefined : refusalOf(visit);
    const target = returnTo(rd, visit.site) === undefined ? undefined : rd;
    const providers = providerLinks(visit, { rd: target });
    const head = html`<h1>Sign in</h1>
${notice(doneOf(visit))}${warning(refusal)}${alert(problem)}${providers}`;
    const { enabled, breakGlass } = ctx.config.auth.local;
    const wantsPassword = problem !== undefined || parameterOf(visit, "with") === "password";
    if (!enabled && !wantsPassword) {
      if (!providers) return disabled;
      const way =
        breakGlass.length > 0 && html`<p class="more"><a href="login?with=password">Sign in with a password</a></p>`;
      return { title: "Sign in", body: html`${head}${way}` };
    }
    return {
      title: "Sign in",
      body: html`${head}
${form(visit, {
  action: "login",
  button: "Sign in",
  fields: [
    hidden("rd", target),
    identity(problem),
    field({ name: "password", label: "Password", type: "password", autocomplete: "current-password", problem }),
  ],
})}
<p class="more">${enabled && html`<a href="forgot-password">Forgotten password</a>`}${signUpLink(visit)}${
        problem?.error.code === "FORBIDDEN" && html`<a href="confirm-email">Send the e-mail again</a>`
      }</p>`,
    };
  },
  async submit(visit, sent) {
    const given = { identity: fieldOf(sent, "identity"), password: fieldOf(sent, "password") };
    await signIn(visit, await recorded(visit.ctx, "createToken", () => createToken(visit.ctx, given)));
    return { redirect: returnTo(fieldOf(sent, "rd"), visit.site) ?? "./" };
  },
};

const identity = (problem: Problem | undefined) =>
  field({
    name: "identity",
    label: "E-mail address or username",
    type: "text",
    autocomplete: "username",
    problem,
    focus: true,
  });

function signUpLink({ ctx }: Visit): Html | false {
  const { externalSignupUrl, publicSignups } = ctx.config;
  if (externalSignupUrl === null && !publicSignups) return false;
  return html`<a href="${externalSignupUrl ?? "signup"}">Sign up</a>`;
}

const disabled: View = {
  title: "Sign in",
  status: 403,
  body: html`<h1>Sign in</h1>
<p>Nobody can sign in with a password here: whoever runs the platform has turned it off.</p>`,
};

/** No redirect: an Airflow that does not get the cookie would send the browser back here, for ever. */
function signedInAlready(visit: OwnVisit, rd: string | undefined): View {
  keepSession(visit);
  const target = returnTo(rd, visit.site) ?? "./";
  const host = URL.canParse(target) ? new URL(target).host : undefined;
  return {
    title: "Signed in",
    body: html`<h1>You are signed in</h1>
${warning(refusalOf(visit))}<p>As ${visit.visitor.email ?? visit.visitor.username}.</p>
<p class="more"><a class="button" href="${target}">Continue${host !== undefined && ` to ${host}`}</a>
<a href="login?as=other${rd !== undefined && `&rd=${encodeURIComponent(rd)}`}">Sign in as someone else</a></p>`,
  };
}
