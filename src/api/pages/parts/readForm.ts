import type { Server } from "../../http/createServer.ts";

/** Largest body of a form, in bytes: several times the longest one that the pages can send. */
export const MAX_FORM = 16 * 1024;

/** The fields of a form. Of a field that was sent twice, the first counts; one that was not sent is empty. */
export type Form = Pick<URLSearchParams, "get" | "has">;

/** The value of a field. */
export const fieldOf = (form: Form, name: string): string => form.get(name) ?? "";

/** Lets routes of `scope` take forms, and nothing else. */
export function readForms(scope: Server): void {
  scope.removeAllContentTypeParsers();
  const options = { parseAs: "string", bodyLimit: MAX_FORM } as const;
  scope.addContentTypeParser("application/x-www-form-urlencoded", options, (_request, body, done) =>
    done(null, new URLSearchParams(body.toString())),
  );
}
