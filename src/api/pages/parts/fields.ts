import type { AppError } from "../../../platform/errors/appError.ts";
import { formToken } from "./formToken.ts";
import { type Html, html } from "./html.ts";
import type { Problem } from "./pageRoute.ts";
import { fieldOf } from "./readForm.ts";
import type { Visit, Visitor } from "./visit.ts";

/** The field with the token of a form. */
export const FORM_TOKEN = "formToken";

interface FormOf {
  /** The page that takes it. */
  action: string;
  /** The words on its button. */
  button: string;
  fields?: readonly (Html | undefined | false)[];
  /** Given for a form that is bound to a session. */
  visitor?: Visitor;
  quiet?: boolean;
  /** What the button is about, for those who hear it alone. */
  about?: string;
}

/** A form with one button. */
export function form(visit: Visit, { action, button, fields = [], visitor, quiet, about }: FormOf): Html {
  const binding = visitor ? (`session ${visitor.sessionId}` as const) : (`cookie ${visit.formCookie}` as const);
  const token = formToken(visit.ctx.config.jwt.secret ?? "", binding);
  const spoken = about === undefined ? undefined : html`<span class="spoken"> ${about}</span>`;
  return html`<form method="post" action="${action}">
${hidden(FORM_TOKEN, token)}
${fields}
<button${quiet === true && html` class="quiet"`}>${button}${spoken}</button>
</form>`;
}

/** A value that the form sends without showing it. */
export const hidden = (name: string, value: string | undefined): Html | undefined =>
  value === undefined ? undefined : html`<input type="hidden" name="${name}" value="${value}">`;

interface Field {
  name: string;
  label: string;
  type: "text" | "email" | "password";
  /** What the browser may fill in. */
  autocomplete: string;
  /** Of the argument of the use case, if it differs from `name`. */
  argument?: string;
  hint?: string;
  required?: boolean;
  /** Fewest characters, and most. */
  minlength?: number;
  maxlength?: number;
  value?: string | undefined;
  problem?: Problem | undefined;
  focus?: boolean;
}

/** A labeled field. What was sent stays in it, but passwords; the one at fault says so, and gets the focus. */
export function field(given: Field): Html {
  const {
    name,
    label,
    type,
    autocomplete,
    hint,
    minlength,
    maxlength = 1_000,
    problem,
    focus,
    required = true,
  } = given;
  const isWrong = problem?.error.argument === (given.argument ?? name);
  const sent = type === "password" || !problem ? undefined : fieldOf(problem.form, name);
  const described = [hint !== undefined && `${name}-hint`, isWrong && "problem"].filter(Boolean).join(" ");
  return html`<div class="field">
<label for="${name}">${label}</label>
${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" value="${sent ?? given.value ?? ""}"
 maxlength="${maxlength}"${minlength !== undefined && html` minlength="${minlength}"`}${required && html` required`}${
   type !== "password" && html` autocapitalize="none" spellcheck="false"`
 }${described !== "" && html` aria-describedby="${described}"`}${isWrong && html` aria-invalid="true"`}${
   (problem ? isWrong : focus === true) && html` autofocus`
 }>
</div>`;
}

/** A field for a new password. */
export const newPassword = (problem: Problem | undefined, more: Partial<Field> = {}): Html =>
  field({
    name: "password",
    label: "New password",
    type: "password",
    autocomplete: "new-password",
    hint: "At least 8 characters, and not one that many people use.",
    minlength: 8,
    problem,
    ...more,
  });

/** What people call the arguments that errors name. */
const labels: Record<string, string> = {
  "payload.currentPassword": "Current password",
  "payload.password": "New password",
  "profile.fullName": "Full name",
  email: "E-mail address",
  identityId: "Identity provider",
  identity: "E-mail address or username",
  inviteToken: "The invitation",
  password: "Password",
  sessionId: "Session",
  token: "The link",
  username: "Username",
};

/** An error in the words of the page: with the label of a field instead of the argument's name. */
export const wordsOf = ({ message }: Pick<AppError, "message">): string =>
  message.replace(/(^|; )([\w.]+)(?=: )/g, (all, before: string, argument: string) =>
    argument in labels ? `${before}${labels[argument]}` : all,
  );

/** What was wrong with a form; nothing without a problem. */
export const alert = (problem: Problem | undefined): Html | undefined =>
  problem && html`<p class="alert" id="problem" role="alert">${wordsOf(problem.error)}</p>`;

/** Why something else failed. */
export const warning = (text: string | undefined): Html | undefined =>
  text === undefined ? undefined : html`<p class="alert" role="alert">${text}</p>`;

/** What was done. */
export const notice = (text: string | undefined): Html | undefined =>
  text === undefined ? undefined : html`<p class="notice" role="status">${text}</p>`;

/** A moment, in words for people: 29 Nov 2026, 14:05 UTC. */
export function time(date: Date): Html {
  const words = date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  return html`<time datetime="${date.toISOString()}">${words} UTC</time>`;
}
