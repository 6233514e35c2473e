import { z } from "zod";
import { accepted } from "./accepted.ts";
import { helmDefaults, helmDescriptions } from "./helmDefaults.ts";
import { inverted, otherNames, renamed, shortForms } from "./names2x.ts";
import { ConfigSchema } from "./schema.ts";
import { hintsOf, LARGEST } from "./setting.ts";

/** One setting as data. */
export interface Setting {
  /** `webserver.port`. */
  path: string;
  /** Its environment variable, `WEBSERVER__PORT`. The same name with `_FILE` names a file with the value. */
  env: string;
  schema: z.ZodType;
  fallback: unknown;
  /** Its effect for the operator; undefined if nothing reads it yet. */
  description: string | undefined;
  /** What is allowed, in words. */
  allowed: string;
  /** Its value never appears in errors, warnings or logs. */
  secret: boolean;
}

/**
 * `jwt.authDuration` → `JWT__AUTH_DURATION`, `nats.clusterID` → `NATS__CLUSTER_ID`. `DATABASE_URL` is the exception.
 */
export function envOf(path: string): string {
  if (path === "database.url") return "DATABASE_URL";
  const words = path.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/([A-Z])([A-Z][a-z])/g, "$1_$2");
  return words.replaceAll(".", "__").toUpperCase();
}

/** Whether any key is allowed at `path`: complete Helm values go there, with keys that cannot be listed here. */
export const isFree = (path: string) => path === "deployments.helm" || path.startsWith("deployments.helm.");

function* readSettings(group: z.ZodObject, prefix = ""): Generator<Setting> {
  for (const [key, schema] of Object.entries<z.ZodType>(group.shape as Record<string, z.ZodType>)) {
    const path = prefix + key;
    if (schema instanceof z.ZodObject) {
      yield* readSettings(schema, `${path}.`);
      continue;
    }
    const { secret = false, allowed = inWords(schema) } = hintsOf.get(schema) ?? {};
    const { description } = schema;
    yield { path, env: envOf(path), schema, fallback: schema.parse(undefined), description, allowed, secret };
  }
}

/** Settings that nothing reads yet. Any of them may turn out to be a secret, so no value is shown. */
function* acceptedSettings(): Generator<Setting> {
  for (const [path, fallback] of Object.entries(accepted)) {
    const schema = sameType(fallback);
    const allowed = inWords(schema);
    yield { path, env: envOf(path), schema, fallback, description: undefined, allowed, secret: true };
  }
}

/** Values of the Airflow chart. Those that are not listed may be secrets, so none is shown. */
function* helmSettings(): Generator<Setting> {
  for (const [path, fallback] of Object.entries(helmDefaults)) {
    const allowed = inWords(sameType(fallback));
    const description = helmDescriptions[path] ?? "A value of the Airflow chart.";
    yield { path, env: envOf(path), schema: z.unknown(), fallback, description, allowed, secret: true };
  }
}

function sameType(value: unknown): z.ZodType {
  if (value === null) return z.unknown();
  if (Array.isArray(value)) return z.array(z.unknown());
  if (typeof value === "boolean") return z.boolean();
  if (typeof value === "number") return z.number();
  return typeof value === "string" ? z.string() : z.record(z.string(), z.unknown());
}

/** What `schema` allows, in words. */
export function inWords(schema: z.ZodType): string {
  return wordsOf(z.toJSONSchema(schema, { io: "input" }));
}

function wordsOf(schema: z.core.JSONSchema._JSONSchema): string {
  if (typeof schema === "boolean") return "anything";
  if (schema.enum) return `one of ${schema.enum.join(", ")}`;
  if (schema.anyOf) return schema.anyOf.map(wordsOf).join(", or ");
  const { type, minimum, maximum = LARGEST } = schema;
  const range =
    minimum === undefined ? "" : maximum >= LARGEST ? ` of at least ${minimum}` : ` from ${minimum} to ${maximum}`;
  if (type === "integer") return `a whole number${range}`;
  if (type === "number") return `a number${range}`;
  if (type === "string") return schema.minLength === undefined ? "a string" : "a non-empty string";
  if (type === "boolean") return "true or false";
  if (type === "null") return "null";
  if (type === "array")
    return `a list of values, each ${wordsOf(Array.isArray(schema.items) ? true : (schema.items ?? true))}`;
  return type === "object" ? "a mapping" : "anything";
}

/** Every setting by its path, first those that Houston reads. */
export const settings: ReadonlyMap<string, Setting> = new Map(
  [...readSettings(ConfigSchema), ...helmSettings(), ...acceptedSettings()].map((setting) => [setting.path, setting]),
);

/** A name under which a setting can be given. */
export interface Name {
  setting: Setting;
  /** Not the name that Houston reads but one that takes precedence over it, such as the name in 2.x. */
  newer: boolean;
  /** The value is the opposite of the setting's. */
  inverted: boolean;
}

/** The name of the setting `path` in 2.x; `path` itself if it was not renamed, or does not exist in 2.x. */
export function nameIn2x(path: string): string {
  const keys = path.split(".");
  for (let depth = keys.length; depth > 0; depth -= 1) {
    const name = renamed[keys.slice(0, depth).join(".")];
    if (name !== undefined) return name === null ? path : [name, ...keys.slice(depth)].join(".");
  }
  return path;
}

/** Every accepted name: of each setting its path, its name in 2.x, and others. */
export const names: ReadonlyMap<string, Name> = new Map(allNames());

function* allNames(): Generator<[string, Name]> {
  for (const setting of settings.values()) yield [setting.path, { setting, newer: false, inverted: false }];
  for (const setting of settings.values()) {
    const name = nameIn2x(setting.path);
    if (name !== setting.path) yield [name, { setting, newer: true, inverted: inverted.has(setting.path) }];
  }
  for (const [name, path] of Object.entries(otherNames)) {
    const setting = settings.get(path);
    if (!setting) throw new Error(`${name} is a name of an unknown setting, ${path}`);
    yield [name, { setting, newer: true, inverted: false }];
  }
}

/**
 * The environment variables of all names, and of groups that may be given as a boolean: the name each of them gives.
 */
export const variables: ReadonlyMap<string, string> = new Map([
  ...[...names.keys()].map((name): [string, string] => [envOf(name), name]),
  ...[...shortForms].map(([group, key]): [string, string] => [envOf(group), `${group}.${key}`]),
]);

/** The names directly below each group, by the group's path; "" is the top level. */
export const groups: ReadonlyMap<string, ReadonlySet<string>> = groupsOf(names.keys());

function groupsOf(paths: Iterable<string>) {
  const all = new Map<string, Set<string>>();
  for (const path of paths) {
    const keys = path.split(".");
    for (const [depth, key] of keys.entries()) {
      const group = keys.slice(0, depth).join(".");
      all.set(group, (all.get(group) ?? new Set()).add(key));
    }
  }
  return all;
}
