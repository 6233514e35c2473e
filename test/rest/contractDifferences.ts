// biome-ignore lint/suspicious/noExplicitAny: documents are JSON; what reads them states the shape.
type Json = any;

/** Keywords that limit a value. */
const limits = [
  ...["minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  ...["minItems", "maxItems", "uniqueItems", "multipleOf"],
];

/**
 * What differs between a contract and our document, for the operations that both have: one line each, such as
 * "listDeployments ?limit: adds maximum 1000". Names of schemas stand for the path to them.
 */
export function differencesOf(contract: Json, ours: Json): string[] {
  const found = new Set<string>();
  const own = operationsOf(ours);
  for (const [id, theirs] of operationsOf(contract)) {
    const mine = own.get(id);
    if (mine) compareOperation(id, { ...theirs, document: contract }, { ...mine, document: ours }, found);
  }
  return [...found].sort();
}

/** The operations of a document with their places, by ID. */
export const operationsOf = (document: Json): Map<string, Json> =>
  new Map(
    Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
      Object.entries<Json>(methods).map(([method, operation]) => [
        operation.operationId,
        { ...operation, method, path },
      ]),
    ),
  );

function compareOperation(id: string, theirs: Json, mine: Json, found: Set<string>): void {
  for (const key of ["path", "method", "tags"])
    if (JSON.stringify(theirs[key]) !== JSON.stringify(mine[key])) found.add(`${id}: has ${key} ${mine[key]}`);
  compareSets(id, "status", Object.keys(theirs.responses), Object.keys(mine.responses), found);
  compareParameters(id, theirs, mine, found);
  const schemaOf = ({ content }: Json = {}) => content?.["application/json"]?.schema;
  const compareBodies = (name: string, direction: Direction, one: Json, other: Json) => {
    if (!schemaOf(one) !== !schemaOf(other)) found.add(`${id} ${name}: ${schemaOf(one) ? "lacks" : "adds"} a body`);
    else if (schemaOf(one)) {
      const documents = { theirs: theirs.document, mine: mine.document, direction, found, seen: new Set<string>() };
      compareSchemas(`${id} ${name}`, schemaOf(one), schemaOf(other), documents);
    }
  };
  compareBodies("request", "request", theirs.requestBody, mine.requestBody);
  if (theirs.requestBody?.required !== mine.requestBody?.required) found.add(`${id} request: differs in required`);
  for (const [status, response] of Object.entries<Json>(theirs.responses))
    if (mine.responses[status]) compareBodies(status, "answer", response, mine.responses[status]);
}

function compareParameters(id: string, theirs: Json, mine: Json, found: Set<string>): void {
  const keyOf = (parameter: Json) => `${parameter.in === "query" ? "?" : `${parameter.in} `}${parameter.name}`;
  const byKey = ({ parameters = [] }: Json) => new Map<string, Json>(parameters.map((one: Json) => [keyOf(one), one]));
  const [expected, given] = [byKey(theirs), byKey(mine)];
  compareSets(id, "parameter", [...expected.keys()], [...given.keys()], found);
  const documents = { theirs: theirs.document, mine: mine.document, direction: "request", found } as const;
  for (const [key, parameter] of expected) {
    const other = given.get(key);
    if (!other) continue;
    for (const name of ["required", "style", "explode"])
      if (parameter[name] !== other[name]) found.add(`${id} ${key}: has ${name} ${other[name]}`);
    compareSchemas(`${id} ${key}`, parameter.schema, other.schema, { ...documents, seen: new Set() });
  }
}

type Direction = "request" | "answer";

interface Documents {
  theirs: Json;
  mine: Json;
  direction: Direction;
  found: Set<string>;
  /** Pairs of named schemas that were compared already. */
  seen: Set<string>;
}

function compareSchemas(path: string, one: Json, other: Json, documents: Documents): void {
  const [theirs, mine] = [resolve(one, documents.theirs), resolve(other, documents.mine)];
  const { found, seen, direction } = documents;
  if (theirs.name !== mine.name) found.add(`${path}: has the name ${mine.name} instead of ${theirs.name}`);
  if (theirs.name && seen.has(`${theirs.name} ${mine.name}`)) return;
  seen.add(`${theirs.name} ${mine.name}`);
  const at = theirs.name ?? path;
  const [a, b] = [theirs.schema, mine.schema];
  if (a.discriminator) compareOptions(at, a, b, documents);
  for (const key of ["type", "format", "default", "nullable"])
    if (JSON.stringify(a[key]) !== JSON.stringify(b[key])) found.add(`${at}: has ${key} ${JSON.stringify(b[key])}`);
  for (const key of limits) {
    if (a[key] === b[key]) continue;
    if (a[key] === undefined) found.add(`${at}: adds ${key} ${b[key]} to ${direction}`);
    else found.add(`${at}: has ${key} ${b[key]} instead of ${a[key]}`);
  }
  const values = [...(a.enum ?? []), ...(a["x-enum-later"] ?? [])];
  if (values.length > 0 && !b.enum) found.add(`${at}: lacks its enum`);
  else compareSets(at, "value", values, b.enum ?? [], found);

  const later = { optional: a["x-optional-later"] ?? [], required: a["x-required-later"] ?? [] };
  const required = [...(a.required ?? []), ...later.required].filter((name) => !later.optional.includes(name));
  compareSets(at, "required field", required, b.required ?? [], found);
  compareSets(at, "field", Object.keys(a.properties ?? {}), Object.keys(b.properties ?? {}), found);
  for (const [name, schema] of Object.entries(a.properties ?? {}))
    if (b.properties?.[name]) compareSchemas(`${at}.${name}`, schema, b.properties[name], documents);
  if (a.items && b.items) compareSchemas(`${at}[]`, a.items, b.items, documents);
  else if (a.items || b.items) found.add(`${at}: differs in items`);
  if (JSON.stringify(a.additionalProperties) !== JSON.stringify(b.additionalProperties))
    found.add(`${at}: has additionalProperties ${JSON.stringify(b.additionalProperties)} in ${direction}`);
}

function compareOptions(at: string, a: Json, b: Json, documents: Documents): void {
  const { found } = documents;
  const name = a.discriminator.propertyName;
  if (b.discriminator?.propertyName !== name) {
    found.add(`${at}: lacks the discriminator ${name}`);
    return;
  }
  const [expected, given] = [a.discriminator.mapping, b.discriminator.mapping];
  compareSets(at, name, Object.keys(expected), Object.keys(given), found);
  if (b.oneOf?.length !== a.oneOf.length) found.add(`${at}: has ${b.oneOf?.length} options`);
  for (const [key, $ref] of Object.entries(expected))
    if (given[key]) compareSchemas(`${at} ${key}`, { $ref }, { $ref: given[key] }, documents);
}

function compareSets(at: string, what: string, expected: unknown[], given: unknown[], found: Set<string>): void {
  for (const one of expected) if (!given.includes(one)) found.add(`${at}: lacks ${what} ${one}`);
  for (const one of given) if (!expected.includes(one)) found.add(`${at}: adds ${what} ${one}`);
}

/** The schema behind references, and its name. One in `allOf` only has a description or a mark beside it. */
function resolve(schema: Json, document: Json, name?: string): { schema: Json; name: string | undefined } {
  const $ref: string | undefined = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0].$ref : undefined);
  if (!$ref) return { schema, name };
  const target = $ref.slice("#/components/schemas/".length);
  return resolve(document.components.schemas[target], document, target);
}
