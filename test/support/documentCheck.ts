import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";

// biome-ignore lint/suspicious/noExplicitAny: documents are JSON; what reads them states the shape.
type Json = any;

/** An operation of an OpenAPI 3.0 document. */
export interface DocumentedOperation {
  operationId: string;
  /** What is wrong with an answer. */
  answerErrors(status: number, body: unknown): string[];
  /** What is wrong with a request. `url` is relative to the server. */
  requestErrors(url: string, body: unknown): string[];
}

/** Checks requests and answers against a document. Schemas are compiled when first needed. */
export function checkerOf(document: Json) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema({ $id: "document", ...adapted(document) });
  const validators = new Map<string, ValidateFunction>();
  const validate = (pointer: string[], value: unknown, what: string): string[] => {
    const $ref = `document#/${pointer.map((part) => encodeURIComponent(escaped(part))).join("/")}`;
    const validator = validators.get($ref) ?? ajv.compile({ $ref });
    validators.set($ref, validator);
    return validator(value) ? [] : (validator.errors ?? []).map((error) => `${what}${describe(error)}`);
  };

  const operations = Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
      ...operationOf(["paths", path, method], operation, validate),
    })),
  );
  /** The operation for a request; undefined if there is none. */
  return (method: string, url: string): DocumentedOperation | undefined => {
    const { pathname } = new URL(url, "http://server");
    return operations.find((one) => one.method === method && one.pattern.test(pathname));
  };
}

type Validate = (pointer: string[], value: unknown, what: string) => string[];

function operationOf(pointer: string[], operation: Json, validate: Validate): DocumentedOperation {
  const parameters: Json[] = operation.parameters ?? [];
  const content = (at: string[]) => [...pointer, ...at, "content", "application/json", "schema"];
  return {
    operationId: operation.operationId,
    answerErrors(status, body) {
      const response = operation.responses[status];
      if (!response) return [`status ${status} is not documented`];
      if (response.content) return validate(content(["responses", String(status)]), body, "body");
      return body === undefined ? [] : ["the body must be empty"];
    },
    requestErrors(url, body) {
      const { searchParams } = new URL(url, "http://server");
      const errors = [...new Set(searchParams.keys())].flatMap((name) => {
        const index = parameters.findIndex((one) => one.in === "query" && one.name === name);
        if (index < 0) return [`the parameter ${name} is not documented`];
        const value = fromText(parameters[index].schema, searchParams.getAll(name));
        return validate([...pointer, "parameters", String(index), "schema"], value, name);
      });
      for (const { name, required, in: place } of parameters)
        if (place === "query" && required && !searchParams.has(name)) errors.push(`the parameter ${name} is required`);
      if (!operation.requestBody) return body === undefined ? errors : [...errors, "a body is not documented"];
      return [...errors, ...validate(content(["requestBody"]), body, "body")];
    },
  };
}

/** The value of a parameter, by the type in its schema. */
function fromText({ type, items }: Json, values: string[]): unknown {
  if (type === "array") return values.map((value) => fromText(items, [value]));
  const [value = ""] = values;
  if (type === "integer" || type === "number") return value === "" ? value : Number(value);
  return type === "boolean" ? ({ true: true, false: false }[value] ?? value) : value;
}

const escaped = (part: string) => part.replaceAll("~", "~0").replaceAll("/", "~1");

const describe = ({ instancePath, message, params }: NonNullable<ValidateFunction["errors"]>[number]) =>
  `${instancePath} ${message} ${JSON.stringify(params)}`;

/** The document in the JSON Schema that ajv knows. */
function adapted(value: Json): Json {
  if (Array.isArray(value)) return value.map(adapted);
  if (typeof value !== "object" || value === null) return value;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, discriminator, oneOf, ...rest } = value;
  const own = adaptedParts(rest);
  // Names of properties may be those of keywords.
  if (typeof rest.properties === "object") own.properties = adaptedParts(rest.properties);
  if (minimum !== undefined) own[exclusiveMinimum === true ? "exclusiveMinimum" : "minimum"] = minimum;
  if (maximum !== undefined) own[exclusiveMaximum === true ? "exclusiveMaximum" : "maximum"] = maximum;
  if (!discriminator) return oneOf ? { ...own, oneOf: adapted(oneOf) } : own;
  // The value decides which schema applies, also where the others would allow it too.
  const { propertyName, mapping } = discriminator;
  const allOf = Object.entries(mapping).map(([key, $ref]) => ({
    if: { properties: { [propertyName]: { const: key } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: { $ref },
  }));
  const among = { properties: { [propertyName]: { enum: Object.keys(mapping) } }, required: [propertyName] };
  return { ...own, type: "object", allOf: [among, ...allOf] };
}

const adaptedParts = (parts: Json): Json =>
  Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, adapted(part)]));
