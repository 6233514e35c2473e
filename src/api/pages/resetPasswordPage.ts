import { openReset } from "../../services/users/openLinks.ts";
import { resetPassword } from "../../services/users/resetPassword.ts";
import { alert, form, hidden, newPassword } from "./parts/fields.ts";
import { html } from "./parts/html.ts";
import type { PageRoute, View } from "./parts/pageRoute.ts";
import { fieldOf } from "./parts/readForm.ts";
import { recorded, signIn } from "./parts/signIn.ts";
import { parameterOf } from "./parts/visit.ts";

/** Sets the password of the user that the token was sent to, and signs them in. */
export const resetPasswordPage: PageRoute = {
  path: "reset-password",
  access: "anyone",
  hasSecretUrl: true,
  async show(visit, problem) {
    const token = problem ? fieldOf(problem.form, "token") : parameterOf(visit, "token");
    const user = token === undefined ? undefined : await openReset(visit.ctx, token);
    if (!user) return expired;
    return {
      title: "Set a new password",
      body: html`<h1>Set a new password</h1>
${alert(problem)}${form(visit, {
  action: "reset-password",
  button: "Set the password",
  fields: [
    hidden("token", token),
    html`<div class="field"><label for="username">Username</label>
<input id="username" type="text" value="${user.username}" autocomplete="username" readonly></div>`,
    newPassword(problem, { focus: true }),
  ],
})}`,
    };
  },
  async submit(visit, sent) {
    const { ctx } = visit;
    const given = { token: fieldOf(sent, "token"), password: fieldOf(sent, "password") };
    await signIn(visit, await recorded(ctx, "resetPassword", () => resetPassword(ctx, given)));
    return { redirect: "./?done=passwordSet" };
  },
};

const expired: View = {
  title: "The link cannot be used",
  status: 400,
  body: html`<h1>The link cannot be used</h1>
<p>It was used already, or replaced by that of a newer e-mail, or it has expired. Look for a newer e-mail, or request
another one.</p>
<p class="more"><a class="button" href="forgot-password">Request an e-mail</a> <a href="login">Sign in</a></p>`,
};
