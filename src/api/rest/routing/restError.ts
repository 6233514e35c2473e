import { AppError, statusOf } from "../../../platform/errors/appError.ts";
import { shortened } from "../../../platform/errors/shortened.ts";
import { type RenderedError, renderError } from "../../http/renderError.ts";
import type { Route } from "./route.ts";

/** A field of the request at fault. */
export interface FieldError {
  code: string;
  field: string;
  message: string;
}

/** The body of every error. */
export interface RestErrorBody {
  message: string;
  requestId: string;
  statusCode: number;
  fieldErrors?: FieldError[];
}

/** Maximum length of a field's name and message, in characters. */
const MAX_FIELD = 200;

/** The request does not match the schemas of its route. */
export class InvalidRequest extends AppError {
  readonly fields: readonly FieldError[];

  /** Texts are cut: they may quote input. */
  constructor(faults: readonly FieldError[]) {
    const fields = faults.map(({ code, field, message }) => ({
      code,
      field: shortened(field, MAX_FIELD),
      message: shortened(message, MAX_FIELD),
    }));
    super("BAD_USER_INPUT", fields.map(({ field, message }) => `${field}: ${message}`).join("; "), fields[0]?.field);
    this.fields = fields;
  }
}

/** For every credential that is not valid; it does not say whether it ever was. */
const UNAUTHENTICATED = "The token is missing, invalid or expired: send a valid one as Authorization: Bearer <token>";

/** What is rendered for an error, and whether it is our fault. */
export interface Rendered extends Pick<RenderedError, "code" | "unexpected"> {
  body: RestErrorBody;
}

/**
 * The body for an error thrown by a route, or by Fastify before one ran (`route` is undefined). Its status is one that the
 * route documents, or 503.
 */
export function restError(
  thrown: unknown,
  { route, requestId, bodyLimit }: { route: Route | undefined; requestId: string; bodyLimit: number },
): Rendered {
  const { statusCode, code, message, unexpected } = renderError(thrown, { bodyLimit });
  const status = documented(statusCode, thrown, route);
  const named = nameHere(thrown, message, route);
  const body = { message: named.message, requestId, statusCode: status };
  return { code, unexpected, body: named.fields.length > 0 ? { ...body, fieldErrors: [...named.fields] } : body };
}

/** CONFLICT and its like are 412 where the route has that. */
function documented(status: number, thrown: unknown, route: Route | undefined): number {
  if (!route) return status;
  const errors: readonly number[] = route.errors;
  const conflict = thrown instanceof AppError && [409, 422].includes(statusOf[thrown.code]);
  if (conflict && errors.includes(412)) return 412;
  if (errors.includes(status)) return status;
  // The contract has only 500, and HTTP has clients treat a 5xx that they do not know as one. Proxies and libraries that
  // know 503 send the request again.
  if (status >= 500) return status === 503 ? 503 : 500;
  // What the path names is somewhere that the caller may not go, rather than wrong input.
  const isAboutPath = thrown instanceof AppError && thrown.argument && route.path.includes(`{${thrown.argument}}`);
  return status === 404 && isAboutPath ? 403 : 400;
}

/** The message and the fields at fault, under the names that this API has for them. */
function nameHere(thrown: unknown, message: string, route: Route | undefined) {
  if (thrown instanceof InvalidRequest) return { message, fields: thrown.fields };
  if (thrown instanceof AppError && thrown.code === "UNAUTHENTICATED") return { message: UNAUTHENTICATED, fields: [] };
  if (!(thrown instanceof AppError) || thrown.argument === undefined) return { message, fields: [] };
  const { argument, code } = thrown;
  const field = fieldFor(argument, route?.names ?? {});
  const [start, rest] = [`${argument}: `, message.startsWith(`${argument}: `)];
  const text = rest ? message.slice(start.length) : message;
  return { message: rest ? `${field}: ${text}` : message, fields: [{ code, field, message: text }] };
}

/** "environmentVariables.0.key" keeps its end where only its start has another name. */
function fieldFor(argument: string, names: Readonly<Record<string, string>>): string {
  const start = Object.keys(names).find((name) => argument === name || argument.startsWith(`${name}.`));
  return start === undefined ? argument : `${names[start]}${argument.slice(start.length)}`;
}
