import { type ResourceType, type Schema, userType } from "./attributes.ts";
import { locate, type Path, parsePath } from "./path.ts";
import { entriesOf } from "./resource.ts";
import { ScimError } from "./scimError.ts";

/** One change of one attribute, in which everything that clients write in several ways has one form. */
export interface Operation {
  op: "add" | "replace" | "remove";
  path: Path;
  /** As sent; undefined if there is none. */
  value: unknown;
}

/** Maximum number of operations in a PATCH: clients that change members one by one send one for each. */
export const MAX_OPERATIONS = 50_000;

/** Maximum number of operations on a user, whose attributes are walked for each. */
const MAX_USER_OPERATIONS = 1_000;

/** Characters of all paths of a PATCH of a user that have a filter, which is compared with every value of the attribute. */
const MAX_FILTERS = 8_192;

/**
 * The operations in the body of a PATCH. `op` is accepted in any case; an operation without a path becomes one for each
 * member of its value, whose names may be dotted or begin with a URN. There, what no client may set is left out, such as
 * the `id` that Okta sends, and so is what no schema knows. Throws invalidSyntax, invalidPath, noTarget for a removal
 * without a path, mutability for the path of an attribute that no client may set.
 */
export function readOperations(type: ResourceType, body: unknown): Operation[] {
  const given = entriesOf(body).find(([name]) => name.toLowerCase() === "operations")?.[1];
  if (!Array.isArray(given) || given.length === 0) {
    throw new ScimError("invalidSyntax", "Operations: must be a list with at least one operation");
  }
  const max = type === userType ? MAX_USER_OPERATIONS : MAX_OPERATIONS;
  if (given.length > max) {
    throw new ScimError("tooMany", `Operations: must be at most ${max.toLocaleString("en")} operations`);
  }
  const parse = pathParser(type);
  return given.flatMap((one) => readOperation(type, one, parse));
}

type ParsePath = (text: string) => Path;

/** Parses the paths of one PATCH: many operations mostly repeat one. Throws tooMany for a user if the filters are too long. */
function pathParser(type: ResourceType): ParsePath {
  let [lastText, last]: [string?, Path?] = [];
  let filters = 0;
  return (text) => {
    if (type === userType && text.includes("[")) filters += text.length;
    if (filters > MAX_FILTERS) {
      throw new ScimError(
        "tooMany",
        `path: all filters must have at most ${MAX_FILTERS.toLocaleString("en")} characters`,
      );
    }
    if (last && text === lastText) return last;
    last = parsePath(type, text);
    lastText = text;
    return last;
  };
}

function readOperation(type: ResourceType, given: unknown, parse: ParsePath): Operation[] {
  const {
    op: name,
    path,
    value,
  } = Object.fromEntries(entriesOf(given, "Operations").map(([key, member]) => [key.toLowerCase(), member]));
  const op = typeof name === "string" ? name.toLowerCase() : "";
  if (op !== "add" && op !== "replace" && op !== "remove") {
    throw new ScimError("invalidSyntax", "op: must be add, replace or remove");
  }
  if (typeof path === "string" && path.trim() !== "") {
    const extension = extensionNamed(type, path.trim());
    if (extension) return ofExtension(type, extension, { op, value }, parse);
    const parsed = parse(path.trim());
    assertWritable(parsed, path);
    if (op !== "remove" && value === undefined)
      throw new ScimError("invalidValue", `value: is required to ${op} ${path}`);
    return [{ op, path: parsed, value }];
  }
  if (path !== undefined && path !== null && path !== "") throw new ScimError("invalidPath", "path: must be a string");
  if (op === "remove") throw new ScimError("noTarget", "path: is required to remove something");
  return membersOf(type, op, value, parse);
}

const extensionNamed = (type: ResourceType, name: string): Schema | undefined =>
  type.extensions.find(({ id }) => id.toLowerCase() === name.toLowerCase());

/** The operations on an extension as a whole. What replaces it replaces all of it. */
function ofExtension(
  type: ResourceType,
  { id, attributes }: Schema,
  { op, value }: { op: Operation["op"]; value: unknown },
  parse: ParsePath,
): Operation[] {
  const removals =
    op === "add"
      ? []
      : attributes.map((attribute): Operation => {
          return {
            op: "remove",
            path: { extension: id, attribute, sub: undefined, filter: undefined },
            value: undefined,
          };
        });
  if (op === "remove") return removals;
  return [...removals, ...inExtension(type, op, { id, value }, parse)];
}

/** An operation for each attribute of an extension that an object has. */
function inExtension(
  type: ResourceType,
  op: "add" | "replace",
  { id, value }: { id: string; value: unknown },
  parse: ParsePath,
): Operation[] {
  return entriesOf(value ?? {}, "value").flatMap(([name, inner]) =>
    memberOf(type, op, { name: `${id}:${name}`, value: inner }, parse),
  );
}

function assertWritable({ attribute, sub }: Path, text: string): void {
  const isWritable = (mutability: string | undefined) => mutability !== "readOnly";
  if (isWritable(attribute.mutability) && isWritable(sub?.mutability)) return;
  throw new ScimError("mutability", `path: ${text} is read-only`);
}

/** An operation for each member of the value of one without a path. */
function membersOf(type: ResourceType, op: "add" | "replace", value: unknown, parse: ParsePath): Operation[] {
  return entriesOf(value, "value").flatMap(([name, member]) => {
    const extension = extensionNamed(type, name);
    return extension
      ? inExtension(type, op, { id: extension.id, value: member }, parse)
      : memberOf(type, op, { name, value: member }, parse);
  });
}

function memberOf(
  type: ResourceType,
  op: "add" | "replace",
  { name, value }: { name: string; value: unknown },
  parse: ParsePath,
): Operation[] {
  const path = name.includes("[") ? parse(name) : withoutFilter(locate(type, name));
  if (!path || path.attribute.mutability === "readOnly" || path.sub?.mutability === "readOnly") return [];
  return [{ op, path, value }];
}

const withoutFilter = (located: ReturnType<typeof locate>) => located && { ...located, filter: undefined };
