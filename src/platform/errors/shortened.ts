/** Maximum length of the text of an error, in characters. */
const MAX_TEXT = 1_000;

/**
 * A text that may quote input, cut to `max` characters. What is at fault and the reason are at both ends, so those are
 * kept.
 */
export const shortened = (text: string, max: number = MAX_TEXT): string =>
  text.length <= max ? text : `${text.slice(0, max / 2).toWellFormed()} … ${text.slice(-max / 2).toWellFormed()}`;
