import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

/** A part of the document, as JSON. */
export type Part = { [key: string]: unknown };

/** The named schemas of the document, which it collects while it is written. */
export interface Components {
  /** The schema of what a client sends ("input") or gets ("output"): a reference if it has a name. */
  schemaOf(schema: z.ZodType, io: "input" | "output"): Part;
  /** The schemas that were referred to, by name. */
  all(): Part;
}

/** Throws for two schemas of one name, and for a schema that JSON Schema cannot express. */
export function createComponents(): Components {
  const known = new Map<string, unknown>();
  const converted = { input: new Map<z.ZodType, Part>(), output: new Map<z.ZodType, Part>() };
  return {
    schemaOf(schema, io) {
      const existing = converted[io].get(schema);
      if (existing) return existing;
      const { definitions, ...own } = z.toJSONSchema(schema, { target: "openapi-3.0", io, override: adapt }) as Part;
      for (const [name, definition] of Object.entries(definitions ?? {})) {
        const component = inDocument(definition);
        if (known.has(name) && !isDeepStrictEqual(known.get(name), component))
          throw new Error(`Two schemas of the Platform API have the name ${name}`);
        known.set(name, component);
      }
      const part = inDocument(own) as Part;
      converted[io].set(schema, part);
      return part;
    },
    all: () => Object.fromEntries([...known].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

interface Conversion {
  zodSchema: z.core.$ZodType;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}

/** What OpenAPI 3.0 says in another way, or not at all. */
function adapt({ zodSchema, jsonSchema }: Conversion): void {
  // A time in RFC 3339: the format says it, and clients would check the pattern in addition.
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
  // Named groups are not known to the regular expressions of every language.
  if (jsonSchema.pattern) jsonSchema.pattern = jsonSchema.pattern.replaceAll(/\(\?<\w+>/g, "(");
  // Every integer in JSON that JavaScript can represent.
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  // Without it in the enum, null would not be allowed. Beside a reference, `nullable` has no effect.
  const { nullable, enum: values, $ref, allOf, anyOf } = jsonSchema;
  if (nullable && ($ref || allOf || anyOf))
    throw new Error("OpenAPI 3.0 cannot describe a reference or union that may be null");
  if (nullable && values && !values.includes(null)) jsonSchema.enum = [...values, null];
  if (zodSchema instanceof z.ZodDiscriminatedUnion) jsonSchema.discriminator = discriminatorOf(zodSchema);
}

function discriminatorOf({ options, def: { discriminator } }: z.ZodDiscriminatedUnion): Part {
  const entries = options.flatMap((option) => {
    const id = z.globalRegistry.get(option)?.id;
    if (!id) throw new Error(`An option of the union by ${discriminator} has no name`);
    return [...(option._zod.propValues?.[discriminator] ?? [])].map((value) => [value, referenceTo(id)]);
  });
  return { propertyName: discriminator, mapping: Object.fromEntries(entries) };
}

const referenceTo = (name: string) => `#/components/schemas/${name}`;

/** The same with references to components; one that stands alone needs no `allOf`. */
function inDocument(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inDocument);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === "allOf" && first[1].length === 1) return inDocument(first[1][0]);
  return Object.fromEntries(
    entries.map(([key, part]) => [
      key,
      key === "$ref" ? referenceTo(part.slice("#/definitions/".length)) : inDocument(part),
    ]),
  );
}
