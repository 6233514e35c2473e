import type { z } from "zod";
import type { Problem } from "./configError.ts";
import type { Given } from "./given.ts";
import { settingAt } from "./ownProviders.ts";
import { isFree, type Setting } from "./settings.ts";

/** Characters of a value that an error message quotes. */
const MAX_QUOTED = 60;

/** The value after parsing, or the problems with it. null becomes undefined if the setting cannot be null. */
export function check({ keys, name, value, origin }: Omit<Given, "newer">): { value: unknown; problems: Problem[] } {
  const path = keys.join(".");
  const setting = settingAt(path);
  if (!setting || isFree(path)) return { value, problems: [] };
  const result = setting.schema.safeParse(value, { error: allowedBy });
  if (result.success) return { value: result.data, problems: [] };
  // As in Helm values, null means the default.
  if (value === null) return { value: undefined, problems: [] };
  const problems = setting.secret
    ? [hidden(setting, name, origin)]
    : result.error.issues.map((issue) => shown(setting, name, value, issue, origin));
  return { value: undefined, problems };
}

function hidden({ allowed }: Setting, name: string, origin: string): Problem {
  return { key: name, message: `must be ${allowed} (the value is not shown)`, origin };
}

/** An issue inside a list or mapping names its own path. */
function shown({ allowed }: Setting, name: string, value: unknown, issue: z.core.$ZodIssue, origin: string): Problem {
  let at = value;
  let key = name;
  for (const step of issue.path) {
    at = typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined;
    key += typeof step === "number" ? `[${step}]` : `.${String(step)}`;
  }
  if (issue.code === "unrecognized_keys") {
    return { key: `${key}.${issue.keys.join(", ")}`, message: `unknown; allowed: ${allowed}`, origin };
  }
  if (issue.code === "invalid_key") {
    return { key, message: `unknown; allowed: ${issue.issues[0]?.message ?? allowed}`, origin };
  }
  return { key, message: `must be ${issue.path.length === 0 ? allowed : issue.message}, not ${quoted(at)}`, origin };
}

/** Describes what is allowed where the schema has no message of its own. */
function allowedBy(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_value") return `one of ${issue.values.join(", ")}`;
  if (issue.code === "invalid_type") return words[issue.expected] ?? issue.expected;
  if (issue.code === "too_small") return `at least ${issue.minimum}`;
  return issue.code === "too_big" ? `at most ${issue.maximum}` : undefined;
}

const words: Record<string, string> = {
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
  string: "a string",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}
