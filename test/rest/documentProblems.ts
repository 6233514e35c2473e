// biome-ignore lint/suspicious/noExplicitAny: documents are JSON; what reads them states the shape.
type Json = any;

/** What validators of OpenAPI let pass: one line for each problem. */
export function documentProblems(document: Json): string[] {
  const operations = Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.values<Json>(methods).map((operation) => ({ path, ...operation })),
  );
  const ids = operations.map(({ operationId }) => operationId);
  const parts = [...partsOf(document)];
  const references = new Set(parts.flatMap(({ $ref, discriminator }) => [$ref, ...mappingOf(discriminator)]));
  references.delete(undefined);
  return [
    ...operations.flatMap(pathProblems),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id} is used twice`),
    ...[...references].filter((one) => !find(document, one)).map((one) => `${one} leads nowhere`),
    ...Object.keys(document.components.schemas)
      .filter((name) => !references.has(`#/components/schemas/${name}`))
      .map((name) => `${name} is not used`),
    ...parts.flatMap(schemaProblems),
  ];
}

function pathProblems({ path, operationId, parameters = [] }: Json): string[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  const declared = parameters.filter((one: Json) => one.in === "path").map(({ name }: Json) => name);
  return String(inPath) === String(declared.sort()) ? [] : [`${operationId}: ${path} declares ${declared}`];
}

function schemaProblems({ nullable, enum: values, oneOf, discriminator, required, properties }: Json): string[] {
  const isSchema = Array.isArray(required) && typeof properties === "object";
  return [
    nullable && Array.isArray(values) && !values.includes(null) ? `null is not among ${values}` : "",
    ...(isSchema
      ? required.filter((name) => !(name in properties)).map((name) => `${name} is required, but no field`)
      : []),
    ...(Array.isArray(oneOf) ? oneOf : [])
      .filter(({ $ref }: Json) => discriminator && !mappingOf(discriminator).includes($ref))
      .map(({ $ref }: Json) => `${$ref} is in no mapping`),
  ].filter(Boolean);
}

const mappingOf = (discriminator: Json): string[] => Object.values(discriminator?.mapping ?? {});

function* partsOf(value: Json): Generator<Json> {
  if (typeof value !== "object" || value === null) return;
  yield value;
  for (const part of Object.values(value)) yield* partsOf(part);
}

const find = (document: Json, reference: string) =>
  reference
    .slice(2)
    .split("/")
    .reduce((part, name) => part?.[name], document);
