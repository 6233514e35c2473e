/** Characters of JSON text that are always accepted: they cannot hold enough values to matter. */
const SMALL = 4_096;

/** Maximum number of values in the JSON of one request. 1 MiB of real input, such as a list of IDs, has fewer. */
export const MAX_VALUES = 50_000;

/** Maximum nesting of the JSON of one request. `assertStorable` rejects what is nested deeper than 32 in an argument. */
export const MAX_NESTING = 100;

const [QUOTE, COMMA, OPEN_LIST, CLOSE_LIST, BACKSLASH, OPEN_OBJECT, CLOSE_OBJECT] = [34, 44, 91, 93, 92, 123, 125];

/** From the code of a bracket to that of the one that closes it. */
const TO_CLOSE = CLOSE_LIST - OPEN_LIST;

/**
 * What is wrong with JSON text that has too many values or is nested too deeply; undefined otherwise. It is counted in
 * the text, before parsing: 1 MiB of `{}` takes a hundred times as long to parse and to walk. Does not validate.
 */
export function jsonSizeError(text: string, maxValues = MAX_VALUES): string | undefined {
  if (text.length <= SMALL) return undefined;
  let [values, nesting] = [1, 0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === COMMA) {
      values += 1;
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      // Commas count all values of a list or object but the first.
      if (text.charCodeAt(at + 1) !== code + TO_CLOSE) values += 1;
      nesting += 1;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) {
      nesting -= 1;
    }
    if (values > maxValues) return `must have at most ${maxValues} values`;
    if (nesting > MAX_NESTING) return `may be nested at most ${MAX_NESTING} levels deep`;
  }
  return undefined;
}

/** The position of the quote that ends the string which starts at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}
