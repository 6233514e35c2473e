import { ScimError, type ScimType } from "./scimError.ts";

export type Operator = "eq" | "ne" | "co" | "sw" | "ew" | "gt" | "ge" | "lt" | "le" | "pr";

/** A value of a comparison, as in JSON. */
export type Comparable = string | number | boolean | null;

/** A filter of RFC 7644, section 3.4.2.2. */
export type Filter =
  | { kind: "and" | "or"; filters: Filter[] }
  | { kind: "not"; filter: Filter }
  | { kind: "compare"; name: string; operator: Operator; value: Comparable }
  /** One value of the attribute meets the whole filter, whose names are those of sub-attributes. */
  | { kind: "value"; name: string; filter: Filter };

/** Maximum length of a filter or path in characters, and of the parentheses within each other. */
const MAX_LENGTH = 8_192;
const MAX_NESTING = 32;

const OPERATORS = new Set(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"]);

/** White space, a string, a bracket, or a word: a name, an operator, a number, true, false or null. */
const TOKEN = /\s+|("(?:[^"\\]|\\.)*")|([()[\]])|([^\s"()[\]]+)/suy;

/** Parses a filter. Throws invalidFilter, and says where. */
export const parseFilter = (text: string): Filter => new FilterParser(text, "invalidFilter").filter();

/**
 * A recursive descent over the tokens of a filter or a path. `and` binds more tightly than `or`, and `not` precedes
 * parentheses. `emails[type eq "work"].value eq "a"` is one filter for the values of `emails`: the same value must meet both.
 */
export class FilterParser {
  readonly #tokens: string[] = [];
  readonly #scimType: ScimType;
  #at = 0;
  #nesting = 0;

  constructor(text: string, scimType: ScimType) {
    this.#scimType = scimType;
    if (text.length > MAX_LENGTH) throw this.#error(`must have at most ${MAX_LENGTH} characters`);
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const at = TOKEN.lastIndex;
      const found = TOKEN.exec(text);
      if (!found) throw this.#error(`has a string without an end at character ${at + 1}`);
      if (found[1] ?? found[2] ?? found[3]) this.#tokens.push(found[0]);
    }
  }

  filter(): Filter {
    const filter = this.#or();
    this.#end();
    return filter;
  }

  /** `name`, `name[filter]` or `name[filter].sub`. */
  path(): { name: string; filter: Filter | undefined; sub: string | undefined } {
    const name = this.#name();
    if (this.#peek() !== "[") {
      this.#end();
      return { name, filter: undefined, sub: undefined };
    }
    const filter = this.#inBrackets();
    const sub = this.#subName();
    this.#end();
    return { name, filter, sub };
  }

  #or(): Filter {
    return this.#joined("or", () => this.#joined("and", () => this.#single()));
  }

  #joined(kind: "and" | "or", next: () => Filter): Filter {
    const first = next();
    const filters = [first];
    while (this.#peek()?.toLowerCase() === kind) {
      this.#at += 1;
      filters.push(next());
    }
    return filters.length === 1 ? first : { kind, filters };
  }

  #single(): Filter {
    if (this.#peek() === "(") return this.#inParentheses();
    if (this.#peek()?.toLowerCase() === "not" && this.#tokens[this.#at + 1] === "(") {
      this.#at += 1;
      return { kind: "not", filter: this.#inParentheses() };
    }
    const name = this.#name();
    if (this.#peek() !== "[") return this.#comparison(name);
    const filter = this.#inBrackets();
    const sub = this.#subName();
    if (sub === undefined) return { kind: "value", name, filter };
    return { kind: "value", name, filter: { kind: "and", filters: [filter, this.#comparison(sub)] } };
  }

  #comparison(name: string): Filter {
    const operator = this.#next().toLowerCase();
    if (!OPERATORS.has(operator)) {
      throw this.#error(`${name} must be followed by one of ${[...OPERATORS].join(", ")}`);
    }
    if (operator === "pr") return { kind: "compare", name, operator, value: null };
    return { kind: "compare", name, operator: operator as Operator, value: this.#value() };
  }

  #value(): Comparable {
    const token = this.#next();
    try {
      const value: unknown = JSON.parse(/^(true|false|null)$/i.test(token) ? token.toLowerCase() : token);
      if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value as Comparable;
    } catch {
      // Reported below.
    }
    throw this.#error(`${token} must be a string in double quotes, a number, true, false or null`);
  }

  #inParentheses(): Filter {
    return this.#between(")");
  }

  #inBrackets(): Filter {
    return this.#between("]");
  }

  #between(close: string): Filter {
    this.#at += 1;
    this.#nesting += 1;
    if (this.#nesting > MAX_NESTING) throw this.#error(`may be nested at most ${MAX_NESTING} levels deep`);
    const filter = this.#or();
    if (this.#next() !== close) throw this.#error(`must have ${close} where the group ends`);
    this.#nesting -= 1;
    return filter;
  }

  /** The name after the dot that follows a bracket. */
  #subName(): string | undefined {
    if (!this.#peek()?.startsWith(".")) return undefined;
    return this.#next().slice(1);
  }

  #name(): string {
    const token = this.#next();
    if (!/^[A-Za-z$][\w$:.-]*$/.test(token)) throw this.#error(`${token} must be the name of an attribute`);
    return token;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw this.#error("ends too early");
    this.#at += 1;
    return token;
  }

  #end(): void {
    const token = this.#peek();
    if (token !== undefined) throw this.#error(`must end before ${token}`);
  }

  #error(message: string): ScimError {
    return new ScimError(this.#scimType, `${this.#scimType === "invalidPath" ? "path" : "filter"}: ${message}`);
  }
}
