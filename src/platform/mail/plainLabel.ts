/** Characters of a label that an e-mail shows at most. */
const MAX = 80;

/**
 * A label that its sender chose, for an e-mail to somebody else: at most 80 letters, digits, spaces and common
 * punctuation in one line. Nothing that a mail program could turn into a link remains: no addresses, domains or paths.
 * Falls back to `otherwise` if nothing is left.
 */
export function plainLabel(label: string, otherwise: string): string {
  const plain = label
    .normalize("NFKC")
    .replace(/[^\p{L}\p{M}\p{N} .,&'()+_-]/gu, " ")
    // A dot inside a word makes a domain of it.
    .replace(/\.(?=\S)/gu, " ")
    .replace(/\b(?:www|https?|mailto|ftp)\b/giu, " ")
    .replace(/\s+/gu, " ")
    .trim();
  return [...plain].slice(0, MAX).join("").trim() || otherwise;
}
