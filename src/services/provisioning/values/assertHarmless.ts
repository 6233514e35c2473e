import { isMapping } from "../../../platform/config/tree.ts";
import type { HelmValues } from "./valuesContext.ts";
import { ValuesError } from "./valuesError.ts";

/**
 * Texts of users that must not get to a chart, which would act with the rights of Flux. Charts run some of their values as
 * templates: one of a user could read any Secret of the cluster. They write others into blocks of YAML, which end at a line
 * break that the chart does not indent: what follows would be a part of the object, and could make another one of it.
 */
const harmful: readonly [RegExp, string][] = [
  [/\{\{/, "{{, which Helm would run as a template"],
  [/[^\P{Cc}\n\t]|[\u2028\u2029]/u, "a control character or an unusual line break"],
];

/** Throws a ValuesError, naming the place, if the values have a text that must not get to a chart. */
export function assertHarmless(values: HelmValues): void {
  const found = findHarm(values, []);
  if (found) throw new ValuesError(`${found.path.join(".")} contains ${found.harm}. Choose another value`);
}

/** What of a text must not get to a chart, in words; undefined for most texts. */
export const harmOf = (text: string): string | undefined => harmful.find(([pattern]) => pattern.test(text))?.[1];

interface Found {
  path: readonly string[];
  harm: string;
}

function findHarm(value: unknown, path: readonly string[]): Found | undefined {
  if (typeof value === "string") {
    const harm = harmOf(value);
    return harm === undefined ? undefined : { path, harm };
  }
  const entries = Array.isArray(value) || isMapping(value) ? Object.entries(value) : [];
  for (const [key, inner] of entries) {
    const harm = harmOf(key);
    const found = harm === undefined ? findHarm(inner, [...path, key]) : { path: [...path, key], harm };
    if (found) return found;
  }
  return undefined;
}
