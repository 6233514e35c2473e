import { usernameKey } from "../users/usernameKey.ts";
import { type Attribute, attributeNamed } from "./attributes.ts";
import { ScimError } from "./scimError.ts";

/** An attribute with sub-attributes, by their names. */
export type Complex = { [name: string]: string | boolean };

/** The value of an attribute in a resource: never null, and no empty list or object. */
export type Value = string | boolean | Complex | Complex[];

/** Maximum length of a string, and of a binary or reference value, in characters; maximum number of values of a list. */
const MAX_TEXT = 1_000;
const MAX_LONG = 10_000;
const MAX_VALUES = 100;

const invalid = (path: string, message: string) => new ScimError("invalidValue", `${path}: ${message}`);

/**
 * What a resource stores of a value that a client sent for an attribute: names in their own spelling, "True" and "False" as
 * booleans, a single value as a list of one, a text as the `value` of a complex attribute, because clients send all of that.
 * Undefined for what is no value: null, an empty list or object. Throws invalidValue for a value of another type.
 */
export function toValue(attribute: Attribute, given: unknown, path = attribute.name): Value | undefined {
  if (given === null || given === undefined) return undefined;
  if (!attribute.multiValued) return toSingle(attribute, given, path);
  const list = Array.isArray(given) ? given : [given];
  if (list.length > MAX_VALUES) throw invalid(path, `must have at most ${MAX_VALUES} values`);
  const values = list
    .map((one) => toSingle(attribute, one, path) as Complex | undefined)
    .filter((one) => one !== undefined);
  if (values.filter(isPrimary).length > 1) throw invalid(path, "must have at most one primary value");
  return values.length === 0 ? undefined : values;
}

/** The same for one value of an attribute, or for a sub-attribute. */
export function toSingle(attribute: Attribute, given: unknown, path: string): string | boolean | Complex | undefined {
  if (given === null || given === undefined) return undefined;
  switch (attribute.type) {
    case "complex":
      return toComplex(attribute, given, path);
    case "boolean":
      return toBoolean(given, path);
    default:
      return toText(attribute, given, path);
  }
}

function toComplex(attribute: Attribute, given: unknown, path: string): Complex | undefined {
  if (Array.isArray(given)) {
    if (given.length <= 1) return given.length === 0 ? undefined : toComplex(attribute, given[0], path);
    throw invalid(path, "must be an object");
  }
  if (typeof given !== "object" || given === null) {
    // Entra sends the ID of a manager as a text.
    if (typeof given !== "string" || !attributeNamed(attribute.subAttributes ?? [], "value")) {
      throw invalid(path, "must be an object");
    }
    return given === "" ? undefined : toComplex(attribute, { value: given }, path);
  }
  const complex: Complex = {};
  for (const [name, value] of Object.entries(given)) {
    const sub = attributeNamed(attribute.subAttributes ?? [], name);
    if (!sub || sub.mutability === "readOnly") continue;
    const stored = toSingle(sub, value, `${path}.${sub.name}`);
    if (stored !== undefined) complex[sub.name] = stored as string | boolean;
  }
  return Object.keys(complex).length === 0 ? undefined : complex;
}

function toBoolean(given: unknown, path: string): boolean {
  if (typeof given === "boolean") return given;
  const text = typeof given === "string" ? given.toLowerCase() : "";
  if (text === "true" || text === "false") return text === "true";
  throw invalid(path, "must be true or false");
}

function toText(attribute: Attribute, given: unknown, path: string): string {
  const text = typeof given === "number" ? String(given) : given;
  const max = attribute.type === "binary" || attribute.type === "reference" ? MAX_LONG : MAX_TEXT;
  if (typeof text !== "string" || text.length > max) {
    throw invalid(path, `must be a string of at most ${max.toLocaleString("en")} characters`);
  }
  // PostgreSQL stores neither NUL nor unpaired surrogates.
  if (text.includes("\0") || !text.isWellFormed()) throw invalid(path, "must not contain NUL or unpaired surrogates");
  return text;
}

export const isPrimary = (value: Complex): boolean => value.primary === true;

/** The form in which strings of an attribute are compared. */
export const comparable = (attribute: Attribute, text: string): string =>
  attribute.caseExact ? text : usernameKey(text);
