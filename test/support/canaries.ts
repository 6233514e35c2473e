import { randomBytes } from "node:crypto";

/** The start of every canary: no encoding of other text contains it by chance. */
const MARKER = "Kx9vQz7Lw2Rt";

/**
 * Secret values that are easy to find. All begin alike, with letters and digits, which URLs, JSON, HTML and SQL do not
 * encode: so these forms need no search of their own.
 */
export function createCanaries() {
  const made: string[] = [];
  /** A new one. `plain`: without characters that texts and URLs must escape. */
  const fresh = ({ plain = false, length = 0 } = {}): string => {
    const value = `${MARKER}${randomBytes(5).toString("hex")}${plain ? "" : `"\\é&<+/%`}`;
    made.push(value);
    return value.padEnd(length, "x");
  };
  /** Where one of them is in a text, in any form; undefined if nowhere. */
  const find = (text: string): string | undefined => {
    const at = PATTERN.exec(text)?.index;
    return at === undefined ? undefined : text.slice(Math.max(0, at - 100), at + 120);
  };
  return { fresh, find, made: () => made.length };
}

/** The hexadecimal form, and the three forms that base64 gives to a text in the middle of another. */
function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replaceAll("=", "");
    // The first and last characters also depend on what is around.
    return encoded.slice(before === 0 ? 0 : before + 1, -1);
  });
  return [bytes.toString("hex"), ...base64];
}

const escaped = (text: string) => text.replace(/[+/]/g, (one) => (one === "+" ? "[+-]" : "[/_]"));

/** In any case, which also finds percent-encoded and upper-case copies. */
const PATTERN = new RegExp([MARKER, ...formsOf(MARKER)].map(escaped).join("|"), "i");

/** All forms of one value that a search must find, for texts in which it is not a canary: a token that Houston made. */
export const formsOfToken = (token: string): string[] => [token, ...formsOf(token)];
