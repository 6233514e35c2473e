import { forgotPassword } from "../../services/users/forgotPassword.ts";
import { alert, field, form } from "./parts/fields.ts";
import { html } from "./parts/html.ts";
import type { PageRoute, View } from "./parts/pageRoute.ts";
import { fieldOf } from "./parts/readForm.ts";
import { recorded } from "./parts/signIn.ts";

/** Sends a link for a new password. The answer is the same for every address. */
export const forgotPasswordPage: PageRoute = {
  path: "forgot-password",
  access: "anyone",
  show: (visit, problem) => ({
    title: "Forgotten password",
    body: html`<h1>Forgotten password</h1>
${alert(problem)}<p>We send you an e-mail with a link to set a new one.</p>
${form(visit, {
  action: "forgot-password",
  button: "Send the e-mail",
  fields: [
    field({ name: "email", label: "E-mail address", type: "email", autocomplete: "email", problem, focus: true }),
  ],
})}
<p class="more"><a href="login">Sign in</a></p>`,
  }),
  async submit({ ctx }, sent) {
    await recorded(ctx, "forgotPassword", () => forgotPassword(ctx, { email: fieldOf(sent, "email") }));
    return lookForMail;
  },
};

const lookForMail: View = {
  title: "Look for the e-mail",
  body: html`<h1>Look for the e-mail</h1>
<p>If there is an account with this address, we have sent an e-mail. Its link works for an hour. If none arrives, the
address may be another one, or it has got several of them already: look for those, or try again in an hour.</p>
<p class="more"><a href="login">Sign in</a></p>`,
};
