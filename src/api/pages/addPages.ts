import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from "fastify";
import type { Services } from "../../access/context.ts";
import { PAGES_PATH } from "../../platform/config/config.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import type { SignOn } from "../../services/signOn/createSignOn.ts";
import { askToRetry } from "../http/askToRetry.ts";
import type { Server } from "../http/createServer.ts";
import { renderError } from "../http/renderError.ts";
import { accountPage } from "./accountPage.ts";
import { confirmEmailPage } from "./confirmEmailPage.ts";
import { forgotPasswordPage } from "./forgotPasswordPage.ts";
import { loginPage } from "./loginPage.ts";
import { errorView, missing, noForm, staleForm } from "./parts/errorViews.ts";
import { FORM_TOKEN } from "./parts/fields.ts";
import { isFormToken } from "./parts/formToken.ts";
import { isOwnOrigin } from "./parts/isOwnOrigin.ts";
import type { OwnVisit, PageRoute, Problem, Redirect, View } from "./parts/pageRoute.ts";
import { type Form, fieldOf, MAX_FORM, readForms } from "./parts/readForm.ts";
import { sendView } from "./parts/sendView.ts";
import { type Site, siteOf } from "./parts/site.ts";
import { type Visit, visitOf } from "./parts/visit.ts";
import { resetPasswordPage } from "./resetPasswordPage.ts";
import { signOutPage } from "./signOutPage.ts";
import { signupPage } from "./signupPage.ts";
import { startPage } from "./startPage.ts";
import { tokenPage } from "./tokenPage.ts";

const pages: readonly PageRoute[] = [
  ...[startPage, loginPage, signupPage, confirmEmailPage, forgotPasswordPage, resetPasswordPage],
  ...[tokenPage, accountPage, signOutPage],
];

/** Where the pages are on this server: below a path of every host, or at `/` of one. */
interface Mount {
  signOn: SignOn;
  prefix: string;
  /** The way from a page to `/` of the server. */
  root: string;
  constraints: { host?: RegExp };
}

/**
 * Serves the pages for people: at `/app`, and with a base domain at `/` of `<ui.subdomain>.<helm.baseDomain>`. All links
 * between them are relative, so that they work in both places and behind a proxy that adds a path.
 */
export function addPages(server: Server, services: Services, signOn: SignOn): void {
  const site = siteOf(services.config);
  server.register(async (scope) => {
    readForms(scope);
    scope.setErrorHandler((error, request, reply) => {
      const { unexpected, ...rendered } = renderError(error, { bodyLimit: MAX_FORM });
      if (unexpected) request.log.error({ err: error }, "Unexpected error");
      askToRetry(reply, rendered.statusCode);
      return sendView(reply, site, rendered.statusCode === 415 ? noForm : errorView(rendered));
    });
    mount(scope, services, site, { signOn, prefix: PAGES_PATH, root: "../", constraints: {} });
    scope.get(PAGES_PATH, { config: { cors: false } }, (_request, reply) => reply.redirect("app/", 308));
    if (site.host === undefined) return;
    const host = new RegExp(`^${site.host.replaceAll(".", "\\.")}(:\\d+)?$`, "i");
    mount(scope, services, site, { signOn, prefix: "", root: "./", constraints: { host } });
  });
}

function mount(scope: Server, services: Services, site: Site, { signOn, prefix, root, constraints }: Mount): void {
  const add = (path: string, methods: string[], handler: RouteHandlerMethod) =>
    // Compressed, a page that contains both a token and what a link says would tell by its size how alike they are.
    scope.route({
      method: methods,
      url: prefix + path,
      config: { cors: false },
      compress: false,
      constraints,
      handler,
    });
  for (const page of pages) {
    add(`/${page.path}`, page.submit ? ["GET", "POST"] : ["GET"], async (request, reply) => {
      const visit = await visitOf(services, { site, root, signOn }, request, reply);
      // Otherwise the browser tells where a form comes from.
      if (page.hasSecretUrl !== true || visit.query === "") reply.header("referrer-policy", "same-origin");
      return send(reply, site, await (request.method === "POST" ? submit(page, visit, request) : show(page, visit)));
    });
  }
  add("/*", ["GET"], (_request, reply) => sendView(reply, site, missing));
}

type Answered = View | Redirect;

const send = (reply: FastifyReply, site: Site, answer: Answered) =>
  "redirect" in answer
    ? reply.code(303).header("location", answer.redirect).header("cache-control", "no-store").send()
    : sendView(reply, site, answer);

/** Signing in leads back to the page. */
const toLogin = ({ path }: PageRoute): Redirect => ({ redirect: path === "" ? "login" : `login?rd=${path}` });

async function show(page: PageRoute, visit: Visit, problem?: Problem): Promise<Answered> {
  if (page.access === "anyone") return page.show(visit, problem);
  return isSignedIn(visit) ? page.show(visit, problem) : toLogin(page);
}

const isSignedIn = (visit: Visit): visit is OwnVisit => visit.visitor !== undefined;

async function submit(page: PageRoute, visit: Visit, request: FastifyRequest): Promise<Answered> {
  const form = (request.body as Form | undefined) ?? new URLSearchParams();
  if (page.access === "user" && !isSignedIn(visit)) return toLogin(page);
  if (!isOwnOrigin(request.headers, visit.site) || !isOurs(page, visit, form)) return staleForm(page.path, visit.site);
  try {
    if (page.access === "anyone") return (await page.submit?.(visit, form)) ?? missing;
    return (isSignedIn(visit) && (await page.submit?.(visit, form))) || missing;
  } catch (thrown) {
    const error = asAppError(thrown);
    if (!error || error.code === "INTERNAL_SERVER_ERROR") throw thrown;
    return again(page, visit, { error, form });
  }
}

function isOurs({ access }: PageRoute, { ctx, visitor, formCookie }: Visit, form: Form): boolean {
  const binding =
    access === "user" && visitor ? (`session ${visitor.sessionId}` as const) : (`cookie ${formCookie}` as const);
  return isFormToken(fieldOf(form, FORM_TOKEN), ctx.config.jwt.secret ?? "", binding);
}

/** Shows the form again, with what was wrong. */
async function again(page: PageRoute, visit: Visit, problem: Problem): Promise<Answered> {
  const { error } = problem;
  const view = await show(page, visit, problem);
  if ("redirect" in view) return view;
  const { retryAfter } = error;
  if (retryAfter !== undefined) visit.reply.header("retry-after", retryAfter);
  const { statusCode } = renderError(new AppError(error.code, error.message), { bodyLimit: MAX_FORM });
  askToRetry(visit.reply, statusCode);
  return { ...view, title: `Error: ${view.title}`, status: statusCode };
}
