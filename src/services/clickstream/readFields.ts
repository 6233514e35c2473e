import { isMapping, type Tree } from "../../platform/config/tree.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { type Problem, problemsWith } from "./problemsWith.ts";
import type { Field } from "./prototype.ts";

/** Maximum number of bytes of the whole object as JSON. */
const MAX_BYTES = 64 * 1024;

/** Problems that an error lists, and characters of a path in it. */
const MAX_LINES = 20;
const MAX_PATH = 120;

/**
 * The given properties of the fields, and the defaults of omitted ones. null, "" and strings of spaces count as
 * omitted; strings are trimmed unless they are secret. Throws BAD_USER_INPUT that names every property which is
 * unknown, missing or invalid, and what is allowed; `argument` is the name of the object. Errors contain no values.
 */
export function readFields(fields: readonly Field[], given: unknown, argument: string): Tree {
  const names = fields.map(({ propertyName }) => propertyName);
  const allowed = `allowed: ${names.join(", ")}`;
  if (!isMapping(given)) throw badInput(argument, `must be an object; ${allowed}`);
  const unknown = Object.keys(given).filter((name) => !names.includes(name));
  const problems: Problem[] = unknown.map((path) => ({ path, message: `is not a known property; ${allowed}` }));
  const read: [string, unknown][] = [];
  for (const field of fields) {
    const value = givenOrDefault(field, given);
    if (value !== undefined) {
      read.push([field.propertyName, value]);
      problems.push(...problemsWith(field, value).map((problem) => withHint(problem, field, fields)));
    } else if (field.required) problems.push({ path: field.propertyName, message: "is required" });
  }
  if (problems.length > 0) throw rejected(problems, argument);
  const object = Object.fromEntries(read);
  if (Buffer.byteLength(JSON.stringify(object)) > MAX_BYTES) {
    throw badInput(argument, "must be at most 64 KiB (65,536 bytes) of JSON");
  }
  return object;
}

/** The given value, or else the default. undefined if there is none. */
function givenOrDefault(field: Field, given: Tree): unknown {
  // Objects inherit `constructor`.
  const value = Object.hasOwn(given, field.propertyName) ? given[field.propertyName] : undefined;
  const clean = trimmed(value);
  if (clean === undefined || clean === null || clean === "") return structuredClone(field.default);
  return isSecret(field) ? value : clean;
}

const isSecret = (field: Field) => field.type === "input" && field.secret;

/** A string without white space around it; also the strings directly in an array or map. */
function trimmed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(trimmedText);
  if (!isMapping(value)) return trimmedText(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, trimmedText(inner)]));
}

const trimmedText = (value: unknown) => (typeof value === "string" ? value.trim() : value);

/** Says where the user and password of a URL go. */
function withHint({ path, message }: Problem, field: Field, fields: readonly Field[]): Problem {
  const secrets = fields.filter((other) => isSecret(other) && other !== field).map((other) => other.propertyName);
  const isUrl = field.type === "input" && field.format === "url";
  return { path, message: isUrl && secrets.length > 0 ? `${message}; credentials: ${secrets.join(", ")}` : message };
}

function rejected(problems: readonly Problem[], argument: string): AppError {
  const pathOf = ({ path }: Problem) => cut(`${argument}.${path}`);
  const lines = problems.slice(0, MAX_LINES).map((problem) => `${pathOf(problem)}: ${problem.message}`);
  if (problems.length > MAX_LINES) lines.push(`and ${problems.length - MAX_LINES} more`);
  return new AppError("BAD_USER_INPUT", lines.join("; "), problems[0] && pathOf(problems[0]));
}

const cut = (path: string) => (path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}…` : path);
