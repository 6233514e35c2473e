import type { RenderedError } from "../../http/renderError.ts";
import { html } from "./html.ts";
import type { View } from "./pageRoute.ts";
import type { Site } from "./site.ts";

/** For paths that do not exist. */
export const missing: View = {
  title: "Page not found",
  status: 404,
  body: html`<h1>Page not found</h1>
<p>There is nothing at this address.</p>
<p class="more"><a class="button" href="./">Start</a></p>`,
};

/** For a form that one of our pages did not send, or did for another session. */
export const staleForm = (path: string, site: Site): View => ({
  title: "The form cannot be used any more",
  status: 403,
  body: html`<h1>The form cannot be used any more</h1>
<p>You may have signed in or out since it was opened. Open it again, or the link in the e-mail. If that does not help,
allow cookies for this site, and open it at ${site.origin}.</p>
<p class="more"><a class="button" href="${path === "" ? "./" : path}">Open it again</a></p>`,
});

/** For an error outside of a form. */
export const errorView = ({ statusCode, message }: Omit<RenderedError, "unexpected">): View => ({
  title: "Error",
  status: statusCode,
  body: html`<h1>This did not work</h1>
<p role="alert">${message}.</p>
<p class="more"><a class="button" href="./">Start</a></p>`,
});

/** For a body that is not a form. */
export const noForm: View = errorView({
  code: "UNSUPPORTED_MEDIA_TYPE",
  statusCode: 415,
  message: "The body must be a form: application/x-www-form-urlencoded, not compressed",
});
