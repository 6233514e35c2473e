import { isMapping } from "../../platform/config/tree.ts";
import { formatOf } from "./formats.ts";
import type { Field, InputValue, NumberValue, Value } from "./prototype.ts";

/** Maximum number of values in an array, keys in a map, and characters of a key. */
const MAX_VALUES = 200;
const MAX_KEYS = 100;
const MAX_KEY = 255;

/** What is wrong with a property. Never contains a value. */
export interface Problem {
  /** `url`, `events.2`, `fields.plan`. */
  path: string;
  message: string;
}

/** What is wrong with the value of a field, and what is allowed. */
export function problemsWith(field: Field, value: unknown): Problem[] {
  const path = field.propertyName;
  if (field.type === "array") {
    const min = field.required ? 1 : 0;
    if (!Array.isArray(value) || value.length < min || value.length > MAX_VALUES) {
      return [{ path, message: `must be a list of ${min} to ${MAX_VALUES} values` }];
    }
    return problemsInside(path, field.values, [...value.entries()]);
  }
  if (field.type === "map") {
    const entries = isMapping(value) ? Object.entries(value) : undefined;
    const min = field.required ? 1 : 0;
    if (!entries || entries.length < min || entries.length > MAX_KEYS) {
      return [{ path, message: `must be an object of ${min} to ${MAX_KEYS} keys` }];
    }
    if (!entries.every(([key]) => isKey(key))) return [{ path, message: KEY }];
    return problemsInside(path, field.values, entries);
  }
  const message = problemWith(field, value);
  return message === undefined ? [] : [{ path, message }];
}

const problemsInside = (path: string, spec: Value, entries: readonly [string | number, unknown][]) =>
  entries.flatMap(([key, value]) => {
    const message = problemWith(spec, value);
    return message === undefined ? [] : [{ path: `${path}.${key}`, message }];
  });

const CONTROLS = "line breaks, control characters or unpaired surrogates";
const controls = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

const KEY = `must have keys of 1 to ${MAX_KEY} characters without ${CONTROLS}, other than __proto__`;

/** Readers of the stored object may lose a key `__proto__`. */
const isKey = (key: string) => key !== "" && key.length <= MAX_KEY && !controls.test(key) && key !== "__proto__";

function problemWith(spec: Value, value: unknown): string | undefined {
  if (spec.type === "input") return problemWithInput(spec, value);
  if (spec.type === "boolean") return typeof value === "boolean" ? undefined : "must be true or false, not a string";
  return isNumber(spec, value) ? undefined : `must be a ${describe(spec)}, given as a number, not as a string`;
}

function problemWithInput({ maxLength, format, options }: InputValue, value: unknown): string | undefined {
  if (options) return options.some((option) => option === value) ? undefined : `must be one of ${options.join(", ")}`;
  if (typeof value !== "string" || value === "" || value.length > maxLength) {
    return `must be a string of 1 to ${maxLength.toLocaleString("en-US")} characters`;
  }
  if (controls.test(value)) return `must not contain ${CONTROLS}`;
  return format === undefined || formatOf(format).accepts(value) ? undefined : formatOf(format).message;
}

const isNumber = ({ min = -Infinity, max = Infinity, whole }: NumberValue, value: unknown): boolean =>
  typeof value === "number" &&
  Number.isFinite(value) &&
  value >= min &&
  value <= max &&
  (!whole || Number.isSafeInteger(value));

/** "whole number from 1 to 65,535" */
function describe({ min, max, whole }: NumberValue): string {
  const [least, most] = [min?.toLocaleString("en-US"), max?.toLocaleString("en-US")];
  const kind = whole ? "whole number" : "number";
  if (least !== undefined && most !== undefined) return `${kind} from ${least} to ${most}`;
  if (least !== undefined) return `${kind} of at least ${least}`;
  return most === undefined ? kind : `${kind} of at most ${most}`;
}
