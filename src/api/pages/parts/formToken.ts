import { createHmac } from "node:crypto";
import { isEqualSecret } from "../../../platform/secrets/tokens.ts";

/** What the forms of a visitor are bound to: their session, or the random value of a cookie. */
export type Binding = `session ${string}` | `cookie ${string}`;

/**
 * The token that a form must send, so that pages of other sites cannot send it: they know neither cookie nor key. It is
 * the same for all forms and replicas, and changes with the session.
 */
export const formToken = (key: string, binding: Binding): string =>
  createHmac("sha256", key).update(`form of the pages, ${binding}`).digest("base64url");

/** Whether a form was made for this visitor. */
export const isFormToken = (given: string, key: string, binding: Binding): boolean =>
  isEqualSecret(given, formToken(key, binding));
