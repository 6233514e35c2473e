import type { ApolloServerOptions } from "@apollo/server";
import { ApolloArmor } from "@escape.tech/graphql-armor";
import { GraphQLError, type ValidationContext } from "graphql";
import type { Context } from "../../access/context.ts";
import type { Config } from "../../platform/config/config.ts";

/** Selections a document may come to when its fragments are written out: they multiply, tokens do not. */
const MAX_WRITTEN_OUT_SELECTIONS = 10_000;

type Limits = Pick<
  ApolloServerOptions<Context>,
  "validationRules" | "parseOptions" | "validationOptions" | "executionOptions" | "maxRecursiveSelections"
>;

/**
 * How large a document may be. What is over a limit is refused before anything runs: HTTP 400, a message that names
 * the limit and what is allowed. Introspection by `__schema` does not count as depth.
 *
 * Tokens are counted by graphql-js and not by the armor: its plugin answers HTTP 500, and puts the text of every
 * unexpected error in front of the caller.
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
    maxRecursiveSelections: MAX_WRITTEN_OUT_SELECTIONS,
  };
}

/** One error per limit and document: Apollo runs these rules apart from its own, without a bound on their errors. */
function reportedOnce() {
  const told = new WeakSet<ValidationContext>();
  const report = (context: ValidationContext | null, { message }: GraphQLError) => {
    if (!context || told.has(context)) return;
    told.add(context);
    // The armor calls what it finds a syntax error; the syntax of the document is fine.
    context.reportError(new GraphQLError(message.replace(/^Syntax Error: /, "")));
  };
  return { propagateOnRejection: false, onReject: [report] };
}
