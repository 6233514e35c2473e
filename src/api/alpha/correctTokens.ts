import { Lexer, Source, type Token, TokenKind } from "graphql";

/** The tokens of a document without comments; undefined if it contains something that is not a token. */
export function tokensIn(document: string): Token[] | undefined {
  const lexer = new Lexer(new Source(document));
  const tokens: Token[] = [];
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) tokens.push(token);
  } catch {
    return undefined;
  }
  return tokens;
}

/**
 * The document with every doubled pair of braces as one pair, and with quoted keys of objects as names. Neither is
 * valid anywhere in GraphQL. Everything keeps its position, so that errors name the right line and column.
 */
export function correctTokens(document: string, tokens: readonly Token[]): string {
  const parts: string[] = [];
  let end = 0;
  const replace = (token: Token, text: string) => {
    parts.push(document.slice(end, token.start), text.padEnd(token.end - token.start));
    end = token.end;
  };
  const outer = outerBraces(tokens);
  let parentheses = 0;
  tokens.forEach((token, n) => {
    if (token.kind === TokenKind.PAREN_L) parentheses += 1;
    else if (token.kind === TokenKind.PAREN_R) parentheses -= 1;
    if (outer.has(token)) replace(token, "");
    else if (parentheses > 0 && isKey(token, tokens[n - 1], tokens[n + 1])) replace(token, ` ${token.value}`);
  });
  return [...parts, document.slice(end)].join("");
}

/** The outer braces of each doubled pair. */
function outerBraces(tokens: readonly Token[]): Set<Token> {
  const outer = new Set<Token>();
  const open: number[] = [];
  /** Where the pair that was closed last starts and ends. */
  let closed = { start: -1, end: -1 };
  tokens.forEach((token, end) => {
    if (token.kind === TokenKind.BRACE_L) open.push(end);
    if (token.kind !== TokenKind.BRACE_R) return;
    const start = open.pop();
    const first = start === undefined ? undefined : tokens[start];
    if (first === undefined || start === undefined) return;
    if (closed.start === start + 1 && closed.end === end - 1) outer.add(first).add(token);
    closed = { start, end };
  });
  return outer;
}

/** A string that could be a name, where an object has a key or an argument its name: between a value and a colon. */
const isKey = (token: Token, before: Token | undefined, after: Token | undefined): boolean =>
  token.kind === TokenKind.STRING &&
  after?.kind === TokenKind.COLON &&
  before?.kind !== TokenKind.COLON &&
  /^[_A-Za-z]\w*$/.test(token.value);
