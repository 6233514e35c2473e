import type { ApolloServerOptions } from "@apollo/server";
import { ApolloArmor } from "@escape.tech/graphql-armor";
import { GraphQLError, type ValidationContext } from "graphql";
import type { Context } from "../../access/context.ts";
import type { Config } from "../../platform/config/config.ts";
import { maxDirectives } from "./maxDirectives.ts";

/** Maximum number of selections after expanding fragments: nested fragments multiply them, while tokens stay few. */
export const MAX_SELECTIONS = 10_000;

type Limits = Pick<
  ApolloServerOptions<Context>,
  "validationRules" | "validationOptions" | "executionOptions" | "maxRecursiveSelections"
>;

/**
 * How large a document may be. A document over a limit is rejected before anything runs: HTTP 400, with a message that
 * names the limit, what is allowed and what to do. Introspection with `__schema` does not count as depth, and its
 * directives do not count. `documentSizeError` has checked the number of tokens.
 */
export function limitsFrom(limits: Config["limits"]): Limits {
  const armor = new ApolloArmor({
    maxDepth: { n: limits.depth, flattenFragments: true, ...reportedOnce("select fewer levels of fields") },
    maxAliases: { n: limits.aliases, ...reportedOnce("send several requests") },
    maxDirectives: { enabled: false },
    costLimit: { enabled: false },
    maxTokens: { enabled: false },
    blockFieldSuggestion: { enabled: false },
  });
  return {
    validationRules: [...armor.protect().validationRules, maxDirectives(limits.directives)],
    // graphql-js adds one more error that says it stopped counting.
    validationOptions: { maxErrors: Math.max(1, limits.errors - 1) },
    executionOptions: { maxCoercionErrors: Math.max(1, limits.errors - 1) },
    maxRecursiveSelections: MAX_SELECTIONS,
  };
}

/**
 * One error per limit and document: Apollo runs these rules separately from its own, without a limit on their errors.
 */
function reportedOnce(remedy: string) {
  const reported = new WeakSet<ValidationContext>();
  const report = (context: ValidationContext | null, { message }: GraphQLError) => {
    if (!context || reported.has(context)) return;
    reported.add(context);
    // The armor calls what it finds a syntax error; the syntax of the document is fine.
    context.reportError(new GraphQLError(message.replace(/^Syntax Error: (.*)\.$/, `$1; ${remedy}.`)));
  };
  return { propagateOnRejection: false, onReject: [report] };
}
