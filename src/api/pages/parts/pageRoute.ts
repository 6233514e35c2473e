import type { AppError } from "../../../platform/errors/appError.ts";
import type { Html } from "./html.ts";
import type { Form } from "./readForm.ts";
import type { Visit, Visitor } from "./visit.ts";

/** What a page shows. */
export interface View {
  title: string;
  body: Html;
  status?: number;
  /** JavaScript at the end of the page. */
  script?: string;
}

/** Where to go instead. Relative to the pages, if it is not a whole URL or path. */
export interface Redirect {
  redirect: string;
}

/** A form that was not accepted: what was wrong, and what was sent. */
export interface Problem {
  error: AppError;
  form: Form;
}

type Answer = View | Redirect | Promise<View | Redirect>;

/** A page: what it shows, and what its form does. Errors of `submit` are shown by `show`. */
interface PageRouteOf<V extends Visit> {
  /** Below the place of the pages; "" is the first page. */
  path: string;
  show(visit: V, problem?: Problem): Answer;
  submit?(visit: V, form: Form): Answer;
  /** Whether its URL may contain a token, which must not be passed on to other sites. */
  hasSecretUrl?: boolean;
}

/** A visit of someone who is signed in. */
export type OwnVisit = Visit & { visitor: Visitor };

/** A page for everyone, or one for those who are signed in. */
export type PageRoute = ({ access: "anyone" } & PageRouteOf<Visit>) | ({ access: "user" } & PageRouteOf<OwnVisit>);
