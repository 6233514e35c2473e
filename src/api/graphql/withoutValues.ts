/** What graphql-js says after the value of a variable: where in the value the fault is, and what it is. */
const REASON = String.raw`(?: at "[^"\n]*")?; (?:Expected |Field "|Value "|Enum "|\w+ cannot represent )`;

/** A string, an object or a list, as graphql-js quotes it; numbers and words such as `true` are not secrets. */
const QUOTED = String.raw`["{\[][\s\S]*`;

const PATTERNS: [RegExp, string][] = [
  [new RegExp(String.raw`( cannot represent [^:\n]*): ${QUOTED}$`), "$1"],
  [new RegExp(String.raw`(Expected value of type "[^"\n]*"), found ${QUOTED}$`), "$1"],
  [/^(Syntax Error: [^"]*(?:found|Unexpected) (?:String|BlockString)) "[\s\S]*$/, "$1"],
  // Greedy, and after the reason has lost its value: a value may contain what looks like a reason.
  [new RegExp(` got invalid value ${QUOTED}(?=${REASON})`), " got invalid value"],
];

/**
 * A message of graphql-js without the values that it quotes: they may be secrets, and clients write messages into their
 * logs.
 */
export const withoutValues = (message: string): string =>
  PATTERNS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), message);
