import { type AppError, badInput } from "../errors/appError.ts";

/** Levels of nesting that JSON arguments may have; no valid argument comes near it. */
const MAX_DEPTH = 32;

/** Maximum number of values in the arguments of a call, as in the body of a request. */
const MAX_VALUES = 50_000;

type Key = string | number;

/** A value that is looked at, and where it is: the path is only put together for an error. */
interface Place {
  parent: Place | undefined;
  key: Key;
}

/**
 * Throws BAD_USER_INPUT for the first argument that cannot be stored: strings with a NUL character or an unpaired
 * surrogate, in values or keys; in JSON, the key `__proto__` and more than 32 levels; more than `maxValues` values.
 * Call it after the guard: callers who may not call the field must not make the server look at their values.
 */
export function assertStorable(value: unknown, maxValues = MAX_VALUES): void {
  let left = maxValues;

  function check(part: unknown, parent: Place | undefined, key: Key, depth: number): void {
    left -= 1;
    if (left < 0) throw badInput(firstOf(parent, key), `must have at most ${maxValues} values`);
    if (typeof part === "string") checkString(part, parent, key);
    if (typeof part !== "object" || part === null) return;
    if (depth > MAX_DEPTH) throw badInput(firstOf(parent, key), `may be nested at most ${MAX_DEPTH} levels deep`);
    const place = key === "" && parent === undefined ? undefined : { parent, key };
    if (Array.isArray(part)) {
      for (let n = 0; n < part.length; n += 1) check(part[n], place, n, depth + 1);
      return;
    }
    for (const name of Object.keys(part)) {
      checkString(name, parent, key);
      // Names of arguments have been checked.
      if (place && name === "__proto__") throw badInput(pathOf(parent, key), "must not contain the key __proto__");
      check((part as Record<string, unknown>)[name], place, name, depth + 1);
    }
  }

  check(value, undefined, "", 0);
}

/** Throws BAD_USER_INPUT for a string that cannot be stored, as `assertStorable` does. */
export function assertStorableString(text: string, argument: string): void {
  checkString(text, undefined, argument);
}

function checkString(text: string, parent: Place | undefined, key: Key): void {
  if (text.includes("\u0000")) throw atFault(parent, key, "must not contain a NUL character");
  if (!text.isWellFormed()) throw atFault(parent, key, "must be valid Unicode; it contains an unpaired surrogate");
}

const atFault = (parent: Place | undefined, key: Key, message: string): AppError =>
  badInput(pathOf(parent, key), message);

/** `payload.labels.3`; "input" for the whole. */
function pathOf(parent: Place | undefined, key: Key): string {
  const names = [key];
  for (let place = parent; place; place = place.parent) names.unshift(place.key);
  return names.join(".") || "input";
}

/** The argument itself. */
function firstOf(parent: Place | undefined, key: Key): string {
  const [first = ""] = pathOf(parent, key).split(".");
  return first;
}
