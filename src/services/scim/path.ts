import { type Attribute, attributeNamed, coreAttributes, type ResourceType } from "./attributes.ts";
import { type Filter, FilterParser } from "./filter.ts";
import { ScimError } from "./scimError.ts";

/** An attribute of a resource, and where it is. */
export interface Located {
  /** The URN of its extension; undefined for a core attribute. */
  extension: string | undefined;
  attribute: Attribute;
  /** The sub-attribute, if the name ends in one. */
  sub: Attribute | undefined;
}

/** What a PATCH operation names: an attribute, perhaps only some of its values. */
export interface Path extends Located {
  /** Selects values of a multi-valued attribute. */
  filter: Filter | undefined;
}

/**
 * Finds the attribute that a name such as `userName`, `name.familyName` or `urn:…:User:department` stands for, without
 * regard to case. Undefined for an unknown one.
 */
export function locate(type: ResourceType, name: string): Located | undefined {
  for (const schema of [type.core, ...type.extensions]) {
    if (!name.toLowerCase().startsWith(`${schema.id.toLowerCase()}:`)) continue;
    const found = inSchema(
      schema === type.core ? coreAttributes(type) : schema.attributes,
      name.slice(schema.id.length + 1),
    );
    return found && { ...found, extension: schema === type.core ? undefined : schema.id };
  }
  const found = inSchema(coreAttributes(type), name);
  return found && { ...found, extension: undefined };
}

function inSchema(attributes: readonly Attribute[], name: string): Omit<Located, "extension"> | undefined {
  const [first = "", second, ...more] = name.split(".");
  const attribute = attributeNamed(attributes, first);
  if (!attribute || more.length > 0) return undefined;
  if (second === undefined) return { attribute, sub: undefined };
  const sub = attributeNamed(attribute.subAttributes ?? [], second);
  return sub && { attribute, sub };
}

/** Parses the path of a PATCH operation. Throws invalidPath for anything that is not the path of an attribute. */
export function parsePath(type: ResourceType, text: string): Path {
  const { name, filter, sub } = new FilterParser(text, "invalidPath").path();
  const located = locate(type, name);
  if (!located) throw new ScimError("invalidPath", `path: there is no attribute ${name}`);
  if (filter === undefined) return { ...located, filter };
  const { attribute } = located;
  if (!attribute.multiValued || located.sub) {
    throw new ScimError("invalidPath", `path: ${name} has no values that a filter could select`);
  }
  const named = sub === undefined ? undefined : attributeNamed(attribute.subAttributes ?? [], sub);
  if (sub !== undefined && !named) throw new ScimError("invalidPath", `path: ${name} has no sub-attribute ${sub}`);
  return { ...located, sub: named, filter };
}
