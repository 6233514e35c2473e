import { GraphQLError, Lexer, Source, type Token, TokenKind } from "graphql";
import type { Config } from "../../platform/config/config.ts";

/** Maximum length of a name. Aliases are in the response, once for every row. */
const MAX_NAME = 255;

/** Maximum nesting of lists and objects in the arguments of a document: the parser calls itself for each level. */
const MAX_NESTING = 50;

type Limits = Pick<Config["limits"], "tokens" | "literalTokens">;

/**
 * The error for a document that is too large to be validated, or undefined. Validation compares fields with each other,
 * so its time grows with the square of their number, while a long list or object in an argument costs little. They have
 * separate limits. Checked before parsing, because a list of validation rules cannot stop the others.
 */
export function documentSizeError(query: string, { tokens, literalTokens }: Limits): GraphQLError | undefined {
  const lexer = new Lexer(new Source(query));
  let [outside, inside, parentheses, nesting] = [0, 0, 0, 0];
  for (let token = advance(lexer); token.kind !== TokenKind.EOF; token = advance(lexer)) {
    const { kind, start, end } = token;
    if (kind === TokenKind.NAME && end - start > MAX_NAME)
      return tooLarge(`${MAX_NAME} characters in a name`, "use shorter aliases");
    if (kind === TokenKind.PAREN_L) parentheses += 1;
    else if (kind === TokenKind.PAREN_R) parentheses -= 1;
    const isInside = parentheses > 0 && nesting > 0;
    if (parentheses > 0) nesting += nestingOf(kind);
    if (isInside) inside += 1;
    else outside += 1;
    if (nesting > MAX_NESTING) return tooLarge(`${MAX_NESTING} nested lists and objects in an argument`, VARIABLES);
    if (outside > tokens) return tooLarge(`${tokens} tokens outside of lists and objects in its arguments`, FEWER);
    if (inside > literalTokens) return tooLarge(`${literalTokens} tokens in lists and objects`, VARIABLES);
  }
  return undefined;
}

const VARIABLES = "send the values as variables";
const FEWER = "select fewer fields, or send several requests";

const tooLarge = (limit: string, remedy: string) =>
  new GraphQLError(`query: must have at most ${limit}; ${remedy}`, {
    extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
  });

const nestingOf = (kind: TokenKind): number => {
  if (kind === TokenKind.BRACKET_L || kind === TokenKind.BRACE_L) return 1;
  return kind === TokenKind.BRACKET_R || kind === TokenKind.BRACE_R ? -1 : 0;
};

/** The next token. Parsing rejects a document with an invalid one, with its position, so it counts as the end. */
function advance(lexer: Lexer): Pick<Token, "kind" | "start" | "end"> {
  try {
    return lexer.advance();
  } catch {
    return { kind: TokenKind.EOF, start: 0, end: 0 };
  }
}
