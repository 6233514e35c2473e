import { signToken } from "../../access/jwt.ts";
import { createToken } from "../../services/users/createToken.ts";
import { inlineJson } from "../http/inlineJson.ts";
import { HANDED_TOKEN } from "../playground/takeToken.ts";
import { alert, field, form, time } from "./parts/fields.ts";
import { html } from "./parts/html.ts";
import { isFresh } from "./parts/isFresh.ts";
import { nav } from "./parts/nav.ts";
import type { OwnVisit, PageRoute, Problem, View } from "./parts/pageRoute.ts";
import { providerLinks } from "./parts/providerLinks.ts";
import { fieldOf } from "./parts/readForm.ts";
import { recorded, signIn } from "./parts/signIn.ts";

/** Shows the token of the browser's session. Who has the browser only must not get it, so the password is asked for. */
export const tokenPage: PageRoute = {
  path: "token",
  access: "user",
  show(visit, problem) {
    if (!problem && isFresh(visit)) return token(visit);
    const { provider } = visit.visitor;
    return provider === null ? askAgain(visit, problem) : signInAgain(visit, provider);
  },
  async submit(visit, sent) {
    const { ctx, visitor } = visit;
    const given = { identity: visitor.email ?? visitor.username, password: fieldOf(sent, "password") };
    await signIn(visit, await recorded(ctx, "createToken", () => createToken(ctx, given)));
    return { redirect: "token" };
  },
};

/** Whoever signed in with an identity provider signs in there again. */
const signInAgain = (visit: OwnVisit, provider: string): View => ({
  title: "Token",
  body: html`${nav(visit, "token")}
<h1>Token</h1>
<p>Sign in again to see the token: you signed in more than 5 minutes ago.</p>
${providerLinks(visit, { rd: "token", only: provider }) ?? html`<p><a class="button" href="login?as=other&rd=token">Sign in</a></p>`}`,
});

const askAgain = (visit: OwnVisit, problem: Problem | undefined): View => ({
  title: "Token",
  body: html`${nav(visit, "token")}
<h1>Token</h1>
${alert(problem)}<p>Enter your password to see the token: you signed in more than 5 minutes ago.</p>
${form(visit, {
  action: "token",
  button: "Show the token",
  visitor: visit.visitor,
  fields: [
    html`<input class="spoken" type="text" value="${visit.visitor.username}" autocomplete="username" tabindex="-1" aria-hidden="true" readonly>`,
    field({
      name: "password",
      label: "Password",
      type: "password",
      autocomplete: "current-password",
      problem,
      focus: true,
    }),
  ],
})}`,
});

function token(visit: OwnVisit): View {
  const { ctx, visitor } = visit;
  const { value } = signToken(ctx.config, visitor.userId, visitor.sessionId, visitor.createdAt, visitor.expiresAt);
  const { playground } = ctx.config.webserver;
  return {
    title: "Token",
    script: script(`${visit.root}${ctx.config.webserver.endpoint.slice(1)}`),
    body: html`${nav(visit, "token")}
<h1>Token</h1>
<p>Whoever has it can do what you can. Send it in the header <code>authorization</code>. It expires
${time(visitor.expiresAt)}, and with signing out.</p>
<div class="field"><label for="token">Token</label>
<textarea id="token" rows="6" spellcheck="false" readonly>${value}</textarea></div>
<p class="more"><button type="button" id="copy" hidden>Copy</button>${
      playground &&
      html`<button type="button" id="playground" class="quiet" hidden>Open Playground with this token</button>`
    }<span id="copied" role="status"></span></p>`,
  };
}

/** The token is passed on in the storage of this tab, so that it is in no URL and no history. */
const script = (playground: string) => `
const token = document.getElementById("token");
const copy = document.getElementById("copy");
const playground = document.getElementById("playground");
copy.hidden = false;
copy.addEventListener("click", async () => {
  token.select();
  const copied = await navigator.clipboard?.writeText(token.value).then(() => true, () => false);
  const done = copied || document.execCommand("copy");
  document.getElementById("copied").textContent = done ? "Copied" : "Press Ctrl-C to copy";
});
if (playground) {
  playground.hidden = false;
  playground.addEventListener("click", () => {
    sessionStorage.setItem(${inlineJson(HANDED_TOKEN)}, token.value);
    location.assign(${inlineJson(playground)});
  });
}
`;
