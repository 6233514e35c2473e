import type { KubernetesObject } from "../../src/platform/kubernetes/kubernetes.ts";

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Server-side apply: `applied` over `current`, without what was applied `before` and is missing now. Lists are replaced. */
export function merged(current: unknown, applied: unknown, before: unknown): unknown {
  if (!isFields(applied)) return structuredClone(applied);
  const result: Fields = isFields(current) ? { ...current } : {};
  const earlier = isFields(before) ? before : {};
  for (const [key, was] of Object.entries(earlier)) {
    if (!(key in applied)) {
      const left = without(result[key], was);
      if (left === undefined) delete result[key];
      else result[key] = left;
    }
  }
  for (const [key, value] of Object.entries(applied)) result[key] = merged(result[key], value, earlier[key]);
  return result;
}

/** What others set in `value`, of which `ours` was applied by us; undefined if nothing. */
function without(value: unknown, ours: unknown): unknown {
  if (!isFields(value) || !isFields(ours)) return undefined;
  const left = Object.entries(value).flatMap(([key, one]) => {
    const rest = key in ours ? without(one, ours[key]) : one;
    return rest === undefined ? [] : [[key, rest]];
  });
  return left.length > 0 ? Object.fromEntries(left) : undefined;
}

/** A JSON merge patch (RFC 7396): null removes a field. */
export function patched(current: unknown, change: unknown): unknown {
  if (!isFields(change)) return structuredClone(change);
  const result: Fields = isFields(current) ? { ...current } : {};
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else result[key] = patched(result[key], value);
  }
  return result;
}

/** Secrets are stored in base64, however they are written. */
export function stored({ stringData, ...object }: KubernetesObject): KubernetesObject {
  if (!stringData) return object;
  const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  return { ...object, data: { ...object.data, ...Object.fromEntries(encoded) } };
}

/** A label selector as the API takes it: `a=b`, `a==b`, `a!=b`, `a`, `!a` and `a in (b,c)`, separated by commas. */
export function selects(selector: string | undefined, labels: Readonly<Record<string, string>> = {}): boolean {
  const terms = (selector ?? "").split(/,(?![^(]*\))/).map((term) => term.trim());
  return terms.every((term) => {
    if (term === "") return true;
    if (term.startsWith("!")) return !(term.slice(1) in labels);
    const [, key = "", operator, value = ""] = /^([^=!\s]+)\s*(==|=|!=|in)?\s*(.*)$/.exec(term) ?? [];
    if (!operator) return key in labels;
    if (operator === "!=") return labels[key] !== value;
    if (operator !== "in") return labels[key] === value;
    const values = value.slice(1, -1).split(",");
    return labels[key] !== undefined && values.map((one) => one.trim()).includes(labels[key]);
  });
}
