import type { ApolloServerOptions } from "@apollo/server";
import { ApolloArmor } from "@escape.tech/graphql-armor";
import { GraphQLError, type ValidationContext } from "graphql";
import type { Context } from "../../access/context.ts";
import type { Config } from "../../platform/config/config.ts";

/** Maximum number of selections after expanding fragments: nested fragments multiply them, while tokens stay few. */
export const MAX_SELECTIONS = 10_000;

type Limits = Pick<
  ApolloServerOptions<Context>,
  "validationRules" | "parseOptions" | "validationOptions" | "executionOptions" | "maxRecursiveSelections"
>;

/**
 * How large a document may be. A document over a limit is rejected before anything runs: HTTP 400, with a message that
 * names the limit and what is allowed. Introspection with `__schema` does not count as depth.
 *
 * Tokens are counted by graphql-js and not by the armor, whose plugin responds with HTTP 500 and shows the message of
 * every unexpected error to the caller.
 */
export function limitsFrom(limits: Config["limits"]): Limits {
  const armor = new ApolloArmor({
    maxDepth: { n: limits.depth, flattenFragments: true, ...reportedOnce() },
    maxAliases: { n: limits.aliases, ...reportedOnce() },
    maxDirectives: { n: limits.directives, ...reportedOnce() },
    costLimit: { enabled: false },
    maxTokens: { enabled: false },
    blockFieldSuggestion: { enabled: false },
  });
  return {
    validationRules: armor.protect().validationRules,
    parseOptions: { maxTokens: limits.tokens },
    // graphql-js adds one more error that says it stopped counting.
    validationOptions: { maxErrors: Math.max(1, limits.errors - 1) },
    executionOptions: { maxCoercionErrors: Math.max(1, limits.errors - 1) },
    maxRecursiveSelections: MAX_SELECTIONS,
  };
}

/** One error per limit and document: Apollo runs these rules separately from its own, without a limit on their errors. */
function reportedOnce() {
  const reported = new WeakSet<ValidationContext>();
  const report = (context: ValidationContext | null, { message }: GraphQLError) => {
    if (!context || reported.has(context)) return;
    reported.add(context);
    // The armor calls what it finds a syntax error; the syntax of the document is fine.
    context.reportError(new GraphQLError(message.replace(/^Syntax Error: /, "")));
  };
  return { propagateOnRejection: false, onReject: [report] };
}
