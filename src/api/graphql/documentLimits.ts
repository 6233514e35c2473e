import { type DocumentNode, GraphQLError, type GraphQLSchema, parse } from "graphql";
import { LRUCache } from "lru-cache";
import type { Config } from "../../platform/config/config.ts";
import { documentSizeError } from "./documentSize.ts";
import { type Measures, measure } from "./measure.ts";
import { nestedListsError } from "./nestedLists.ts";

/** Maximum number of selections after expanding fragments: nested fragments multiply them, while tokens stay few. */
const MAX_SELECTIONS = 10_000;

/** Documents within the limits that are remembered, and the longest of them in characters. */
const MAX_KNOWN = 500;
const MAX_LENGTH = 5_000;

/** The error for a document over a limit: one, for the first limit. Undefined for one that may be validated. */
export type DocumentCheck = (query: string) => GraphQLError | undefined;

/**
 * Checks how large a document may be. It is checked before validation, which compares fields with each other, and with
 * code of our own: rules of validation run together with all others, and each adds its errors. A document over a limit is
 * rejected with HTTP 400, and a message that names the limit, what was found and what to do. What cannot be parsed is
 * within the limits: the GraphQL server says what is wrong with it.
 */
export function createDocumentCheck(schema: GraphQLSchema, limits: Config["limits"]): DocumentCheck {
  const known = new LRUCache<string, true>({ max: MAX_KNOWN });
  return (query) => {
    if (known.has(query)) return undefined;
    const error = documentSizeError(query, limits) ?? limitError(schema, query, limits);
    if (!error && query.length <= MAX_LENGTH) known.set(query, true);
    return error;
  };
}

function limitError(schema: GraphQLSchema, query: string, limits: Config["limits"]): GraphQLError | undefined {
  const document = parsed(query);
  if (!document) return undefined;
  const message = measuresError(document, limits) ?? nestedListsError(schema, document, limits.lists);
  return message === undefined
    ? undefined
    : new GraphQLError(message, { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } });
}

function measuresError(document: DocumentNode, limits: Config["limits"]): string | undefined {
  for (const found of measure(document)) {
    for (const { of, name, max, remedy } of limitsOf(limits)) {
      if (found[of] <= max) continue;
      return `${name} limit of ${max} exceeded, found ${found[of]}; ${remedy}.`;
    }
  }
  return undefined;
}

const limitsOf = (limits: Config["limits"]): { of: keyof Measures; name: string; max: number; remedy: string }[] => [
  { of: "depth", name: "Query depth", max: limits.depth, remedy: "select fewer levels of fields" },
  { of: "aliases", name: "Aliases", max: limits.aliases, remedy: "send several requests" },
  { of: "repetitions", name: "Repetitions", max: limits.repetitions, remedy: "select each field once" },
  { of: "directives", name: "Directives", max: limits.directives, remedy: "use fewer of them" },
  { of: "selections", name: "Selections", max: MAX_SELECTIONS, remedy: "spread fragments less often" },
];

function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query, { noLocation: true });
  } catch {
    return undefined;
  }
}
