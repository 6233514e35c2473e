import { badInput } from "../../platform/errors/appError.ts";
import type { ResourceType } from "../../services/scim/attributes.ts";
import { type Located, locate } from "../../services/scim/path.ts";
import { type Query, textOf } from "./listQuery.ts";

/** Which attributes an answer has. */
export interface Selection {
  /** False for an attribute that need not be read. */
  has(name: string): boolean;
  apply(resource: Record<string, unknown>): Record<string, unknown>;
}

type Json = Record<string, unknown>;

/** Maximum length of a list of names, in characters. */
const MAX_LENGTH = 8_192;

/** Attributes that every answer has. */
const ALWAYS = new Set(["id", "schemas"]);

/**
 * Reads `attributes` and `excludedAttributes`. With the first, an answer has only those, and what every answer has; the
 * second counts only without it. Names that no schema knows are ignored.
 */
export function readSelection(type: ResourceType, query: Query): Selection {
  const wanted = namesIn(type, query, "attributes");
  const excluded = namesIn(type, query, "excludedAttributes");
  const isWhole = (name: string) => (one: Located) => one.attribute.name === name && !one.sub && !one.extension;
  if (wanted) {
    return {
      has: (name) => wanted.some(({ attribute, extension }) => !extension && attribute.name === name),
      apply: (resource) => only(resource, wanted),
    };
  }
  return {
    has: (name) => !excluded?.some(isWhole(name)),
    apply: (resource) => (excluded ? without(resource, excluded) : resource),
  };
}

function namesIn(type: ResourceType, query: Query, parameter: string): Located[] | undefined {
  const text = textOf(query, parameter);
  if (text === undefined || text.trim() === "") return undefined;
  if (text.length > MAX_LENGTH) throw badInput(parameter, `must have at most ${MAX_LENGTH} characters`);
  // Each once: every name is looked for in every resource of a page.
  const names = new Set(text.split(",").map((name) => name.trim().toLowerCase()));
  return [...names].map((name) => locate(type, name) ?? wholeExtension(type, name)).filter((one) => one !== undefined);
}

/** The URN of an extension stands for all its attributes. */
function wholeExtension(type: ResourceType, name: string): Located | undefined {
  const extension = type.extensions.find(({ id }) => id.toLowerCase() === name.toLowerCase())?.id;
  if (extension === undefined) return undefined;
  return { extension: undefined, sub: undefined, attribute: { name: extension, type: "complex", description: "" } };
}

function only(resource: Json, wanted: readonly Located[]): Json {
  const chosen: Json = {};
  for (const name of ALWAYS) if (name in resource) chosen[name] = resource[name];
  for (const { extension, attribute, sub } of wanted) {
    const from = extension === undefined ? resource : (resource[extension] as Json | undefined);
    const value = from?.[attribute.name];
    if (value === undefined) continue;
    const into = extension === undefined ? chosen : childOf(chosen, extension);
    if (!sub) into[attribute.name] = value;
    else into[attribute.name] = merged(into[attribute.name], value, sub.name);
  }
  return chosen;
}

function childOf(parent: Json, name: string): Json {
  parent[name] ??= {};
  return parent[name] as Json;
}

/** What was chosen before of a complex value, or of each of a list, and one more sub-attribute. */
function merged(before: unknown, value: unknown, sub: string): unknown {
  if (Array.isArray(value)) return value.map((one, at) => merged((before as unknown[] | undefined)?.[at], one, sub));
  const picked = (value as Json)[sub];
  return { ...(before as Json | undefined), ...(picked === undefined ? {} : { [sub]: picked }) };
}

function without(resource: Json, excluded: readonly Located[]): Json {
  const rest = structuredClone(resource);
  for (const { extension, attribute, sub } of excluded) {
    if (extension === undefined && ALWAYS.has(attribute.name)) continue;
    const from = extension === undefined ? rest : (rest[extension] as Json | undefined);
    if (!from) continue;
    if (!sub) {
      delete from[attribute.name];
      continue;
    }
    for (const one of [from[attribute.name]].flat()) if (one) delete (one as Json)[sub.name];
  }
  return rest;
}
