import { GraphQLError, Kind, type ValueNode } from "graphql";

/** RFC 3339 with any number of fractional digits (log timestamps have nine). */
const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

function parseDateTime(value: unknown): string {
  if (typeof value === "string" && rfc3339.test(value) && !Number.isNaN(Date.parse(value))) return value;
  throw new GraphQLError("DateTime: must be an RFC 3339 timestamp such as 2026-11-21T06:43:42.383Z", {
    extensions: { code: "BAD_USER_INPUT" },
  });
}

/** IDs are strings. The empty string is accepted, because clients send it for an omitted argument. */
function parseId(name: string) {
  return (value: unknown): string => {
    if (typeof value === "string" && value.length <= 255) return value;
    throw new GraphQLError(`${name}: must be a string of at most 255 characters`, {
      extensions: { code: "BAD_USER_INPUT" },
    });
  };
}

const fromLiteral =
  (parse: (value: unknown) => unknown) =>
  (node: ValueNode): unknown =>
    parse(node.kind === Kind.STRING ? node.value : undefined);

function jsonLiteral(node: ValueNode, variables?: Record<string, unknown> | null): unknown {
  switch (node.kind) {
    case Kind.VARIABLE:
      return variables?.[node.name.value];
    case Kind.NULL:
      return null;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.LIST:
      return node.values.map((value) => jsonLiteral(value, variables));
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, jsonLiteral(value, variables)]));
    default:
      return node.value;
  }
}

const id = (name: string) => ({ parseValue: parseId(name), parseLiteral: fromLiteral(parseId(name)) });

/** Implementation of the scalars. A full `GraphQLScalarType` would replace their descriptions in schema.graphql. */
export const scalars = {
  DateTime: {
    serialize: (value: unknown) => (value instanceof Date ? value.toISOString() : value),
    parseValue: parseDateTime,
    parseLiteral: fromLiteral(parseDateTime),
  },
  Uuid: id("Uuid"),
  Id: id("Id"),
  JSON: { parseValue: (value: unknown) => value, parseLiteral: jsonLiteral },
};
