import { fieldsOf, lineOf, listOf, numberOf, textOf, timeOf } from "./fields.ts";

/** Longest message that is kept, in characters: Kubernetes allows 32,768. */
const MAX_MESSAGE = 800;

/** Longest reason that is kept, in characters. */
const MAX_REASON = 100;

/** One condition of an object. */
export interface Condition {
  status: "True" | "False" | "Unknown";
  /** For programs, such as `UpgradeFailed`. */
  reason: string;
  /** For people; at most 800 characters. */
  message: string;
  /** When its status last changed, in milliseconds. */
  since: number | undefined;
}

/** The conditions of an object's status with these types. Of what is no condition, nothing. */
export function conditionsOf<T extends string>(
  status: Record<string, unknown>,
  types: readonly T[],
): Partial<Record<T, Condition>> {
  const found: Partial<Record<T, Condition>> = {};
  for (const condition of listOf(status.conditions).map(fieldsOf)) {
    const type = types.find((one) => one === condition.type);
    if (type) {
      found[type] = {
        status: condition.status === "True" || condition.status === "False" ? condition.status : "Unknown",
        reason: lineOf(textOf(condition.reason) ?? "", MAX_REASON),
        message: lineOf(textOf(condition.message) ?? "", MAX_MESSAGE),
        since: timeOf(condition.lastTransitionTime),
      };
    }
  }
  return found;
}

/** The latest generation for which a condition was set; 0 if none says so. */
export const conditionsGeneration = (status: Record<string, unknown>): number =>
  Math.max(0, ...listOf(status.conditions).map((one) => numberOf(fieldsOf(one).observedGeneration) ?? 0));
