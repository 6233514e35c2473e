const JSON_TYPE = "application/json";
const RESPONSE_TYPE = "application/graphql-response+json";

/**
 * The content type that Apollo would choose for an `accept` header; undefined for headers with parameters such as `q`,
 * which are left to Apollo, and for those that accept no type of ours.
 */
export function mediaTypeFor(accept: string | undefined): string | undefined {
  if (accept === undefined || accept === "*/*") return withCharset(JSON_TYPE);
  if (accept.includes(";")) return undefined;
  const accepted = accept.split(",").map((type) => type.trim());
  const named = accepted.find((type) => type === JSON_TYPE || type === RESPONSE_TYPE);
  if (named) return withCharset(named);
  return accepted.some((type) => type === "*/*" || type === "application/*") ? withCharset(JSON_TYPE) : undefined;
}

const withCharset = (type: string) => `${type}; charset=utf-8`;
