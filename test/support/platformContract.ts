import contract from "../contract/platform-v1beta1.json" with { type: "json" };

// biome-ignore lint/suspicious/noExplicitAny: documents are JSON; what reads them states the shape.
type Json = any;

/** What Houston has in addition to the contract. */
export const additions = {
  operations: ["createOrganization"],
  /** Statuses of errors, by operation. */
  statuses: { deleteCluster: [412] } as Readonly<Record<string, readonly number[]>>,
};

/**
 * The contract of the Platform API with what later clients know (`x-…-later`), and with nothing else: objects have no
 * other fields than those described.
 */
export const platformContract: Json = strict(contract);

function strict(value: Json): Json {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== "object" || value === null) return value;
  const own = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, strict(part)]));
  if (own["x-enum-later"]) own.enum = [...own.enum, ...own["x-enum-later"]];
  if (own.type !== "object" || !own.properties) return own;
  const optional: string[] = own["x-optional-later"] ?? [];
  const required: string[] = [...(own.required ?? []), ...(own["x-required-later"] ?? [])];
  own.required = required.filter((name) => !optional.includes(name));
  own.additionalProperties ??= false;
  return own;
}
