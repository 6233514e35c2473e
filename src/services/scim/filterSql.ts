import { usernameKey } from "../users/usernameKey.ts";
import { type Attribute, groupType, type ResourceType, userType } from "./attributes.ts";
import type { Filter, Operator } from "./filter.ts";
import { type Column, columns, rows } from "./filterColumns.ts";
import { booleanOf, subAttribute } from "./matches.ts";
import { type Located, locate } from "./path.ts";
import { ScimError } from "./scimError.ts";

/** A condition on rows, with the values of its parameters, the first of which is `$<offset + 1>`. */
export interface Condition {
  sql: string;
  values: unknown[];
}

type Compare = Extract<Filter, { kind: "compare" }>;

/**
 * The condition of a filter on the rows of users `s` or of groups `t`. Strings are compared without regard to case unless
 * the attribute is `caseExact`, times as times. A comparison with a multi-valued attribute is met if one value meets it, and
 * a value filter if one value meets all of it. Throws invalidFilter for an unknown attribute, and for an operator or value
 * that its type does not have.
 */
export function filterSql(type: ResourceType, filter: Filter, offset: number): Condition {
  const values: unknown[] = [];
  const bind = (value: unknown, cast: string) => `$${offset + values.push(value)}::${cast}`;
  return { sql: new Compiler(type, bind).condition(filter), values };
}

class Compiler {
  readonly #type: ResourceType;
  readonly #bind: (value: unknown, cast: string) => string;

  constructor(type: ResourceType, bind: (value: unknown, cast: string) => string) {
    this.#type = type;
    this.#bind = bind;
  }

  condition(filter: Filter): string {
    switch (filter.kind) {
      case "and":
      case "or":
        return `(${filter.filters.map((one) => this.condition(one)).join(` ${filter.kind} `)})`;
      case "not":
        // What a row does not have meets no comparison, and therefore meets its negation.
        return `NOT coalesce(${this.condition(filter.filter)}, false)`;
      case "value":
        return this.#anyValue(this.#locate(filter.name), filter.filter);
      case "compare":
        return this.#compare(filter);
    }
  }

  #locate(name: string): Located {
    const located = locate(this.#type, name);
    if (located) return located;
    throw new ScimError("invalidFilter", `filter: there is no attribute ${name}`);
  }

  #compare(filter: Compare): string {
    const located = this.#locate(filter.name);
    const { attribute, sub } = located;
    if (attribute.multiValued) {
      const name = sub?.name ?? (filter.operator === "pr" ? undefined : "value");
      if (name === undefined) return this.#anyValue(located, undefined);
      return this.#anyValue({ ...located, sub: undefined }, { ...filter, name });
    }
    return this.#comparison(this.#column(located, filter.name), filter);
  }

  /** The column of an attribute with one value. */
  #column({ attribute, sub, extension }: Located, name: string): Column {
    const path = sub ? `${attribute.name}.${sub.name}` : attribute.name;
    const own = extension === undefined ? columns[this.#type.name][path] : undefined;
    if (own) return own;
    const last = sub ?? attribute;
    const isStored = this.#type === userType && attribute.name !== "meta" && attribute.returned !== "never";
    if (!isStored || (last.type === "complex" && !sub)) {
      throw new ScimError("invalidFilter", `filter: ${name} cannot be compared`);
    }
    const keys = [...(extension === undefined ? [] : [extension]), attribute.name, ...(sub ? [sub.name] : [])];
    // The keys are ours, and have neither quotes nor commas.
    return inJson("s.attributes", keys, last);
  }

  /** One value of an attribute meets the filter; without one, there is a value. */
  #anyValue({ attribute, sub, extension }: Located, filter: Filter | undefined): string {
    if (!attribute.multiValued || sub) {
      throw new ScimError("invalidFilter", `filter: ${attribute.name} has no values that a filter could select`);
    }
    const own = rows[attribute.name];
    const isOwn = own !== undefined && (attribute.name === "members") === (this.#type === groupType);
    const keys = [...(extension === undefined ? [] : [extension]), attribute.name];
    const from = isOwn
      ? `${own.from} AND`
      : `jsonb_array_elements(s.attributes #> '{${keys.join(",")}}') AS v (e) WHERE`;
    const columnOf = (name: string): Column => {
      const named = subAttribute(attribute, name);
      const column = isOwn ? own.column(named) : inJson("v.e", [named.name], named);
      if (column) return column;
      throw new ScimError("invalidFilter", `filter: ${attribute.name}.${named.name} cannot be compared`);
    };
    return `EXISTS (SELECT 1 FROM ${from} ${filter === undefined ? "true" : this.#within(filter, columnOf)})`;
  }

  #within(filter: Filter, columnOf: (name: string) => Column): string {
    switch (filter.kind) {
      case "and":
      case "or":
        return `(${filter.filters.map((one) => this.#within(one, columnOf)).join(` ${filter.kind} `)})`;
      case "not":
        return `NOT coalesce(${this.#within(filter.filter, columnOf)}, false)`;
      case "value":
        throw new ScimError(
          "invalidFilter",
          `filter: ${filter.name} is inside a filter for the values of another attribute`,
        );
      case "compare":
        return this.#comparison(columnOf(filter.name), filter);
    }
  }

  #comparison(column: Column, filter: Compare): string {
    const { name, operator, value } = filter;
    if (operator === "pr")
      return column.kind === "boolean" || column.kind === "time" ? `${column.sql} IS NOT NULL` : `${column.sql} <> ''`;
    if (value === null) {
      if (operator === "eq" || operator === "ne") return `${column.sql} IS ${operator === "eq" ? "" : "NOT "}NULL`;
      throw new ScimError("invalidFilter", `filter: ${name} can be compared with null by eq and ne only`);
    }
    if (column.kind === "boolean") {
      const given = booleanOf(value);
      if (given === undefined)
        throw new ScimError("invalidFilter", `filter: ${name} must be compared with true or false`);
      if (operator !== "eq" && operator !== "ne") {
        throw new ScimError("invalidFilter", `filter: ${name} can be compared by eq and ne only`);
      }
      return ordered(column.sql, operator, this.#bind(given, "boolean"));
    }
    if (column.kind === "time")
      return ordered(column.sql, operator, this.#bind(timeOf(name, value), "timestamp"), name);
    return this.#text(column, operator, String(value));
  }

  #text({ sql, kind }: Column, operator: Operator, given: string): string {
    const text = kind === "key" ? usernameKey(given) : given;
    // PostgreSQL rejects NUL in strings, so no value has one.
    if (text.includes("\0") || !text.isWellFormed()) return operator === "ne" ? "true" : "false";
    const [left, right] =
      kind === "folded" ? [`lower(${sql})`, `lower(${this.#bind(text, "text")})`] : [sql, this.#bind(text, "text")];
    switch (operator) {
      case "co":
        return `strpos(${left}, ${right}) > 0`;
      case "sw":
        return `starts_with(${left}, ${right})`;
      case "ew":
        return `right(${left}, length(${right})) = ${right}`;
      default:
        return ordered(left, operator, right);
    }
  }
}

const inJson = (from: string, keys: readonly string[], { type, caseExact }: Attribute): Column => {
  const path = `'{${keys.map((key) => `"${key}"`).join(",")}}'`;
  if (type === "boolean") return { sql: `(${from} #> ${path})::boolean`, kind: "boolean" };
  return { sql: `${from} #>> ${path}`, kind: caseExact ? "exact" : "folded" };
};

const signs: Partial<Record<Operator, string>> = {
  eq: "=",
  ne: "IS DISTINCT FROM",
  gt: ">",
  ge: ">=",
  lt: "<",
  le: "<=",
};

function ordered(left: string, operator: Operator, right: string, name = "this attribute"): string {
  const sign = signs[operator];
  if (sign !== undefined) return `${left} ${sign} ${right}`;
  throw new ScimError("invalidFilter", `filter: ${name} can be compared by eq, ne, gt, ge, lt and le only`);
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;

/** The time of an xsd:dateTime, to the millisecond, as columns have it. */
function timeOf(name: string, value: string | number | boolean): string {
  const time = typeof value === "string" && TIME.test(value) ? new Date(value) : undefined;
  if (time && !Number.isNaN(time.getTime())) return time.toISOString();
  throw new ScimError("invalidFilter", `filter: ${name} must be compared with a time such as "2026-11-29T10:00:00Z"`);
}
