import { isMapping } from "../../../platform/config/tree.ts";
import type { HelmValues } from "./valuesContext.ts";
import { ValuesError } from "./valuesError.ts";

/** What begins an action of Helm's templates. */
const ACTION = "{{";

/**
 * Throws a ValuesError, naming the place, if a text contains an action of Helm's templates. Charts run some of their values
 * as templates, with the rights of Flux: a user's text could read any Secret of the cluster.
 */
export function assertNoTemplates(values: HelmValues): void {
  const path = placeOfTemplate(values, []);
  if (!path) return;
  throw new ValuesError(
    `${path.join(".")} contains ${ACTION}, which Helm would run as a template. Choose another value`,
  );
}

function placeOfTemplate(value: unknown, path: readonly string[]): readonly string[] | undefined {
  if (typeof value === "string") return value.includes(ACTION) ? path : undefined;
  const entries = Array.isArray(value) || isMapping(value) ? Object.entries(value) : [];
  for (const [key, inner] of entries) {
    const found = key.includes(ACTION) ? [...path, key] : placeOfTemplate(inner, [...path, key]);
    if (found) return found;
  }
  return undefined;
}

/** True if Helm could run a text as a template. */
export const isTemplate = (text: string): boolean => text.includes(ACTION);
