import { type Attribute, attributeNamed, coreAttributes, type ResourceType } from "./attributes.ts";
import { ScimError } from "./scimError.ts";
import { toValue, type Value } from "./values.ts";

/** The attributes of a resource, in their own spelling; those of an extension in an object below its URN. */
export type Resource = { [name: string]: Value | { [name: string]: Value } };

/** The attributes of an extension, or of the core schema, that change in place. */
export function attributesOf(resource: Resource, extension: string | undefined): { [name: string]: Value } {
  if (extension === undefined) return resource as { [name: string]: Value };
  resource[extension] ??= {};
  return resource[extension] as { [name: string]: Value };
}

/**
 * The resource in the body of a POST or PUT. What no client may set is left out, and so is what no schema knows. Throws
 * invalidSyntax for a body that is not an object, invalidValue for values of a wrong type and for a missing one that is
 * required.
 */
export function readResource(type: ResourceType, body: unknown): Resource {
  const resource: Resource = {};
  for (const [name, given] of entriesOf(body)) {
    const extension = type.extensions.find(({ id }) => id.toLowerCase() === name.toLowerCase());
    if (!extension) {
      store(resource, coreAttributes(type), name, given);
      continue;
    }
    const attributes: { [name: string]: Value } = {};
    for (const [key, value] of entriesOf(given ?? {})) store(attributes, extension.attributes, key, value);
    if (Object.keys(attributes).length > 0) resource[extension.id] = attributes;
  }
  assertComplete(type, resource);
  return resource;
}

/** The same for a resource whose lists are read elsewhere, because they may be long. */
export function readNames(type: ResourceType, body: unknown): Resource {
  const lists = new Set(
    type.core.attributes.filter(({ multiValued }) => multiValued).map(({ name }) => name.toLowerCase()),
  );
  const names = entriesOf(body).filter(([name]) => !lists.has(name.toLowerCase()));
  return readResource(type, Object.fromEntries(names));
}

/** Throws invalidValue unless every required text has a value. */
export function assertComplete(type: ResourceType, resource: Resource): void {
  for (const { name, required, type: valueType } of type.core.attributes) {
    const value = resource[name];
    // Other types have a default.
    if (required && valueType === "string" && (typeof value !== "string" || value.trim() === "")) {
      throw new ScimError("invalidValue", `${name}: is required`);
    }
  }
}

/** The members of an object that a client sent. Throws invalidSyntax for anything else. */
export function entriesOf(given: unknown, what = "body"): [string, unknown][] {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return Object.entries(given);
  throw new ScimError("invalidSyntax", `${what}: must be a JSON object`);
}

function store(into: Resource, attributes: readonly Attribute[], name: string, given: unknown): void {
  const attribute = attributeNamed(attributes, name);
  // A password is ignored too: nobody signs in with it.
  if (!attribute || attribute.mutability !== undefined) return;
  const value = toValue(attribute, given);
  if (value !== undefined) into[attribute.name] = value;
}
