import { confirmEmail } from "../../services/users/confirmEmail.ts";
import { openConfirmation } from "../../services/users/openLinks.ts";
import { resendConfirmation } from "../../services/users/resendConfirmation.ts";
import { alert, field, form, hidden } from "./parts/fields.ts";
import { html } from "./parts/html.ts";
import type { PageRoute, Problem, View } from "./parts/pageRoute.ts";
import { fieldOf } from "./parts/readForm.ts";
import { recorded, signIn } from "./parts/signIn.ts";
import { parameterOf, type Visit } from "./parts/visit.ts";

/**
 * Confirms the address that the token was sent to, by a button: programs that look through mails open links, too. Without
 * a token it sends another e-mail.
 */
export const confirmEmailPage: PageRoute = {
  path: "confirm-email",
  access: "anyone",
  hasSecretUrl: true,
  async show(visit, problem) {
    const token = problem ? fieldOf(problem.form, "token") || undefined : parameterOf(visit, "token");
    if (token === undefined) return sendAgain(visit, problem);
    const open = await openConfirmation(visit.ctx, token);
    if (!open) return expired(visit);
    return {
      title: "Confirm your e-mail address",
      body: html`<h1>Confirm your e-mail address</h1>
${alert(problem)}<p>You signed up with ${open.address}.</p>
${form(visit, { action: "confirm-email", button: "Confirm", fields: [hidden("token", token)] })}`,
    };
  },
  async submit(visit, sent) {
    const { ctx } = visit;
    if (!sent.has("token")) {
      await recorded(ctx, "resendConfirmation", () => resendConfirmation(ctx, { email: fieldOf(sent, "email") }));
      return sentAgain;
    }
    const token = fieldOf(sent, "token");
    await signIn(visit, await recorded(ctx, "confirmEmail", () => confirmEmail(ctx, { token })));
    return { redirect: "./?done=confirmed" };
  },
};

const again = (visit: Visit, problem?: Problem) =>
  form(visit, {
    action: "confirm-email",
    button: "Send another e-mail",
    fields: [field({ name: "email", label: "E-mail address", type: "email", autocomplete: "email", problem })],
  });

const sendAgain = (visit: Visit, problem: Problem | undefined): View => ({
  title: "Confirm your e-mail address",
  body: html`<h1>Confirm your e-mail address</h1>
${alert(problem)}<p>Open the link in the e-mail that you got after signing up. If there is none, request another one.</p>
${again(visit, problem)}`,
});

const expired = (visit: Visit): View => ({
  title: "The link cannot be used",
  status: 400,
  body: html`<h1>The link cannot be used</h1>
<p>It was used already, or replaced by that of a newer e-mail, or it has expired. If you have confirmed your address, <a
href="login">sign in</a>. Otherwise request another e-mail.</p>
${again(visit)}`,
});

const sentAgain: View = {
  title: "Look for the e-mail",
  body: html`<h1>Look for the e-mail</h1>
<p>If an account with this address waits for its confirmation, we have sent an e-mail. Its link works for 24 hours.</p>
<p class="more"><a href="login">Sign in</a></p>`,
};
