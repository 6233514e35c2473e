import { z } from "zod";
import { badInput } from "../../../platform/errors/appError.ts";
import { assertStorable } from "../../../platform/input/assertStorable.ts";
import { type FieldError, InvalidRequest } from "./restError.ts";
import type { Input, Route } from "./route.ts";
import { wordingOf } from "./wording.ts";

/** The parts of a request that a route's schemas describe, as Fastify gives them. */
export interface RawRequest {
  params: unknown;
  query: unknown;
  body: unknown;
}

/** Throws BAD_USER_INPUT for a parameter in the path that cannot be the ID of any row: rules cannot look it up. */
export function assertIds(params: unknown): void {
  assertStorable(params);
  for (const [name, value] of Object.entries(params as Record<string, unknown>)) {
    if (value === "") throw badInput(name, "is required");
  }
}

/**
 * The validated request. Throws BAD_USER_INPUT that names each field at fault and what is allowed, also for a body of more
 * than `maxValues` values.
 */
export function readInput(route: Route, { params, query, body }: RawRequest, maxValues?: number): Input {
  assertStorable(query);
  assertStorable(body, maxValues);
  const given = query as Record<string, unknown>;
  const schema = route.query ?? z.strictObject({});
  return {
    params,
    query: validated(schema, typed(schema, given)) as Input["query"],
    body: route.body ? validated(route.body, body, "body") : undefined,
  };
}

/** Maximum number of fields at fault in one answer, which would otherwise be many times as long as the request. */
const MAX_ERRORS = 20;

function validated(schema: z.ZodType, value: unknown, whole = "query"): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, MAX_ERRORS);
  const errors = issues.flatMap((issue) => errorsIn(issue, { schema, value, whole }));
  throw new InvalidRequest(errors.slice(0, MAX_ERRORS));
}

interface Validated {
  schema: z.ZodType;
  value: unknown;
  whole: string;
}

function errorsIn(issue: z.core.$ZodIssue, { schema, value, whole }: Validated): FieldError[] {
  const field = issue.path.join(".") || whole;
  if (issue.code !== "unrecognized_keys") {
    const message = wordingOf(issue);
    const missing = message.startsWith("must be ") && isMissing(value, issue.path);
    return [{ code: issue.code, field, message: missing ? `is required and ${message}` : message }];
  }
  return issue.keys.slice(0, MAX_ERRORS).map((key) => ({
    code: issue.code,
    field: [...issue.path, key].join("."),
    message: (issue.path.length === 0 && conflictOf(schema, value, key)) || "is not a known field",
  }));
}

/** For a field of another kind of request, such as `scheduler` for a Deployment that is not HYBRID. */
function conflictOf(schema: z.ZodType, value: unknown, key: string): string | undefined {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return undefined;
  if (!schema.options.some((option) => option instanceof z.ZodObject && Object.hasOwn(option.shape, key)))
    return undefined;
  const { discriminator } = schema.def;
  return `cannot be combined with ${discriminator} ${(value as Record<string, unknown>)[discriminator]}`;
}

/** Whether the object that should have the field was sent without it. */
function isMissing(value: unknown, path: readonly PropertyKey[]): boolean {
  const own = (object: unknown, key: PropertyKey) => (Object(object) as Record<PropertyKey, unknown>)[key];
  return path.reduce(own, value) === undefined;
}

/** Query parameters arrive as text; what is no number or boolean is left for the schema to reject. */
function typed(schema: z.ZodObject, query: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, convert(innermost(schema.shape[name]), value)]),
  );
}

function convert(schema: z.core.$ZodType | undefined, value: unknown): unknown {
  if (schema instanceof z.ZodArray) return Array.isArray(value) ? value : [value];
  if (schema instanceof z.ZodNumber)
    return typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (schema instanceof z.ZodBoolean) return value === "true" ? true : value === "false" ? false : value;
  return value;
}

function innermost(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const wraps = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault;
  return wraps ? innermost(schema.unwrap()) : schema;
}
