import { type Attribute, attributeNamed } from "./attributes.ts";
import type { Comparable, Filter, Operator } from "./filter.ts";
import { ScimError } from "./scimError.ts";
import { type Complex, comparable } from "./values.ts";

/** True if one value of a multi-valued attribute meets a filter. Throws invalidFilter for an unknown sub-attribute. */
export function matches(attribute: Attribute, value: Complex, filter: Filter): boolean {
  switch (filter.kind) {
    case "and":
      return filter.filters.every((one) => matches(attribute, value, one));
    case "or":
      return filter.filters.some((one) => matches(attribute, value, one));
    case "not":
      return !matches(attribute, value, filter.filter);
    case "value":
      throw new ScimError(
        "invalidFilter",
        `filter: ${filter.name} is inside a filter for the values of another attribute`,
      );
    case "compare": {
      const sub = subAttribute(attribute, filter.name);
      return compares(sub, value[sub.name], filter.operator, filter.value);
    }
  }
}

/** The sub-attribute that a filter on values names. Throws invalidFilter for an unknown one. */
export function subAttribute(attribute: Attribute, name: string): Attribute {
  const sub = attributeNamed(attribute.subAttributes ?? [], name);
  if (!sub) throw new ScimError("invalidFilter", `filter: ${attribute.name} has no sub-attribute ${name}`);
  return sub;
}

/** The boolean that a client means; some send a text. Undefined for anything else. */
export function booleanOf(value: Comparable): boolean | undefined {
  if (typeof value === "boolean") return value;
  const text = String(value).toLowerCase();
  return text === "true" || text === "false" ? text === "true" : undefined;
}

function compares(
  sub: Attribute,
  stored: string | boolean | undefined,
  operator: Operator,
  value: Comparable,
): boolean {
  if (operator === "pr") return stored !== undefined && stored !== "";
  if (value === null) return operator === "eq" ? stored === undefined : stored !== undefined;
  if (stored === undefined) return operator === "ne";
  if (typeof stored === "boolean") return (stored === booleanOf(value)) === (operator !== "ne");
  const [one, other] = [comparable(sub, stored), comparable(sub, String(value))];
  switch (operator) {
    case "eq":
      return one === other;
    case "ne":
      return one !== other;
    case "co":
      return one.includes(other);
    case "sw":
      return one.startsWith(other);
    case "ew":
      return one.endsWith(other);
    case "gt":
      return one > other;
    case "ge":
      return one >= other;
    case "lt":
      return one < other;
    case "le":
      return one <= other;
  }
}
