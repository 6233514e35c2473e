import { AppError } from "../../platform/errors/appError.ts";
import { type Attribute, groupType, type ResourceType, type Schema, userType } from "../../services/scim/attributes.ts";
import { MAX_PAGE } from "./listQuery.ts";
import { listOf } from "./render.ts";

const core = (name: string) => `urn:ietf:params:scim:schemas:core:2.0:${name}`;

const types: readonly ResourceType[] = [userType, groupType];

/** `/ServiceProviderConfig`: what Houston supports. */
export const serviceProviderConfig = (base: string) => ({
  schemas: [core("ServiceProviderConfig")],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: MAX_PAGE },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [
    {
      ...{ type: "oauthbearertoken", name: "Bearer token", primary: true },
      description: "A token made with createScimToken, or scimAuthCode of the configuration",
    },
    { type: "httpbasic", name: "Basic", description: "Any user name, and such a token as the password" },
  ],
  meta: { resourceType: "ServiceProviderConfig", location: `${base}/ServiceProviderConfig` },
});

function describeAttribute(attribute: Attribute): object {
  const { name, type, description, subAttributes, canonicalValues, referenceTypes } = attribute;
  const isText = type === "string" || type === "reference" || type === "binary";
  return {
    ...{ name, type, multiValued: attribute.multiValued ?? false, description },
    required: attribute.required ?? false,
    ...(isText && { caseExact: attribute.caseExact ?? false }),
    mutability: attribute.mutability ?? "readWrite",
    returned: attribute.returned ?? "default",
    ...(type !== "complex" && { uniqueness: attribute.uniqueness ?? "none" }),
    ...(canonicalValues && { canonicalValues }),
    ...(type === "reference" && { referenceTypes: referenceTypes ?? ["uri"] }),
    ...(subAttributes && { subAttributes: subAttributes.map(describeAttribute) }),
  };
}

const describeSchema = (base: string, { id, name, description, attributes }: Schema) => ({
  schemas: [core("Schema")],
  ...{ id, name, description },
  attributes: attributes.map(describeAttribute),
  meta: { resourceType: "Schema", location: `${base}/Schemas/${id}` },
});

const describeType = (base: string, { name, endpoint, description, core: schema, extensions }: ResourceType) => ({
  schemas: [core("ResourceType")],
  ...{ id: name, name, endpoint, description, schema: schema.id },
  schemaExtensions: extensions.map(({ id }) => ({ schema: id, required: false })),
  meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/${name}` },
});

const schemas = (base: string) =>
  types.flatMap(({ core: schema, extensions }) => [schema, ...extensions]).map((one) => describeSchema(base, one));

const resourceTypes = (base: string) => types.map((one) => describeType(base, one));

/** `/Schemas` and `/ResourceTypes`. */
export const lists = {
  Schemas: (base: string) => listOf(schemas(base), { total: schemas(base).length, startIndex: 1 }),
  ResourceTypes: (base: string) => listOf(resourceTypes(base), { total: types.length, startIndex: 1 }),
};

/** `/Schemas/<id>` and `/ResourceTypes/<id>`. Throw NOT_FOUND for an unknown ID. */
export const items = {
  Schemas: (base: string, id: string) => found(schemas(base), id, "schema"),
  ResourceTypes: (base: string, id: string) => found(resourceTypes(base), id, "resource type"),
};

function found<Item extends { id: string }>(all: readonly Item[], id: string, what: string): Item {
  const item = all.find((one) => one.id === id);
  if (!item) throw new AppError("NOT_FOUND", `There is no ${what} ${id}`);
  return item;
}
